package fault

import "runtime/debug"

// Task is work in another goroutine.
type Task[T any] struct {
	done  chan struct{}
	value T
	wrong *Internal
}

// Go runs f in another goroutine.
func Go[T any](f func() T) *Task[T] {
	t := &Task[T]{done: make(chan struct{})}
	go func() {
		debug.SetPanicOnFault(true) // as in whoever waits: see Guard
		defer close(t.done)
		defer func() {
			if r := recover(); r != nil {
				t.wrong = internal(r)
			}
		}()
		t.value = f()
	}()
	return t
}

// Done is closed when f has ended, whether well or not.
func (t *Task[T]) Done() <-chan struct{} { return t.done }

// End waits until f has ended, and says nothing of how: for a parent that panics
// itself, and must not leave while f uses what is the parent's.
func (t *Task[T]) End() { <-t.done }

// Wait gives what f returned, or panics as f did.
func (t *Task[T]) Wait() T {
	<-t.done
	if t.wrong != nil {
		panic(t.wrong)
	}
	return t.value
}
