package elfcore

import (
	"container/list"
	"io"
)

const (
	pageSize     = 16 << 10
	defaultPages = 256
)

// pageCache keeps the pages of the file that were used last.
type pageCache struct {
	r   io.ReaderAt
	max int

	pages map[int64]*list.Element
	order *list.List // of *page, the latest used one in front
}

type page struct {
	number int64
	data   []byte // shorter than pageSize at the end of the file
}

func newPageCache(r io.ReaderAt, pages int) *pageCache {
	if pages <= 0 {
		pages = defaultPages
	}
	return &pageCache{r: r, max: pages, pages: map[int64]*list.Element{}, order: list.New()}
}

// ReadAt is as that of io.ReaderAt; io.EOF at the end of the file.
func (p *pageCache) ReadAt(b []byte, off int64) (int, error) {
	n := 0
	for n < len(b) {
		k, err := p.readPage(b[n:], off+int64(n))
		n += k
		if k == 0 {
			return n, err
		}
	}
	return n, nil
}

// readPage copies from the one page that holds off.
func (p *pageCache) readPage(b []byte, off int64) (int, error) {
	data, err := p.page(off / pageSize)
	if err != nil {
		return 0, err
	}
	at := int(off % pageSize)
	if at >= len(data) {
		return 0, io.EOF
	}
	return copy(b, data[at:]), nil
}

func (p *pageCache) page(number int64) ([]byte, error) {
	if e, ok := p.pages[number]; ok {
		p.order.MoveToFront(e)
		return e.Value.(*page).data, nil
	}
	buf := p.spare()
	n, err := p.r.ReadAt(buf, number*pageSize)
	if n == 0 {
		if err == nil {
			err = io.EOF
		}
		return nil, err
	}
	p.pages[number] = p.order.PushFront(&page{number, buf[:n]})
	return buf[:n], nil
}

// spare gives a buffer, that of the oldest page if the cache is full.
func (p *pageCache) spare() []byte {
	if p.order.Len() < p.max {
		return make([]byte, pageSize)
	}
	oldest := p.order.Remove(p.order.Back()).(*page)
	delete(p.pages, oldest.number)
	return oldest.data[:pageSize]
}
