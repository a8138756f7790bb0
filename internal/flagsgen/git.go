package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

// repository is a clone, bare or not, read through git.
type repository struct{ dir string }

func (r repository) output(ctx context.Context, args ...string) (string, error) {
	// -C finds the git directory of a clone as well as a bare one.
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", r.dir}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("git %s in %s: %w: %s", args[0], r.dir, err, strings.TrimSpace(errs.String()))
	}
	return out.String(), nil
}

// tags gives the repository's tags.
func (r repository) tags(ctx context.Context) ([]string, error) {
	out, err := r.output(ctx, "tag", "--list")
	return strings.Fields(out), err
}

// files gives the object of every file below the paths, in their order.
func (r repository) files(ctx context.Context, commit string, paths []string) (objects []string, err error) {
	out, err := r.output(ctx, append([]string{"ls-tree", "-r", commit, "--"}, paths...)...)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(out) {
		info, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		f := strings.Fields(info)
		if len(f) == 3 && f[1] == "blob" && (strings.HasSuffix(name, ".h") || strings.HasSuffix(name, ".c")) {
			objects = append(objects, f[2])
		}
	}
	return objects, nil
}

// contents reads objects and hands each to take.
func (r repository) contents(ctx context.Context, objects []string, take func(object string, data []byte)) error {
	cmd := exec.CommandContext(ctx, "git", "-C", r.dir, "cat-file", "--batch")
	cmd.Stdin = strings.NewReader(strings.Join(objects, "\n") + "\n")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	in := bufio.NewReader(pipe)
	for range objects {
		head, err := in.ReadString('\n')
		if err != nil {
			return fmt.Errorf("git cat-file in %s: %w", r.dir, err)
		}
		f := strings.Fields(head)
		if len(f) != 3 {
			return fmt.Errorf("git cat-file in %s: %s", r.dir, strings.TrimSpace(head))
		}
		size, err := strconv.Atoi(f[2])
		if err != nil || size < 0 || size > maxSource {
			return fmt.Errorf("git cat-file in %s: an object of %s bytes", r.dir, f[2])
		}
		data := make([]byte, size+1)
		if _, err := io.ReadFull(in, data); err != nil {
			return err
		}
		take(f[0], data[:size])
	}
	return cmd.Wait()
}
