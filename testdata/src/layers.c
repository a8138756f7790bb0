/*
 * Memory of every sort, the addresses of which stand in a table behind a magic
 * text; then abort().
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile struct {
	char magic[24];
	uint64_t heap, undumped, shared, code, unmapped, data;
} table = { .magic = "LAYERS-TABLE-FOLLOWS-1" };

static char data[32] = "text in .data";

int main(int argc, char **argv)
{
	size_t page = sysconf(_SC_PAGESIZE);
	int prot = PROT_READ | PROT_WRITE;
	char *p;
	int fd;

	(void)argc;
	table.heap = (uint64_t)strcpy(malloc(64), "text on the heap");
	p = mmap(NULL, 4 * page, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(p, 'u', 4 * page);
	madvise(p, 4 * page, MADV_DONTDUMP);
	table.undumped = (uint64_t)p;
	p = mmap(NULL, page, prot, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	table.shared = (uint64_t)strcpy(p, "text in shared memory");
	/* The program's own file, mapped as data from its second page on. */
	fd = open(argv[0], O_RDONLY);
	if (mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, page) == MAP_FAILED)
		return 1;
	table.code = (uint64_t)main;
	/* A hole behind a page that was written; the last mapping, so it stays one. */
	p = mmap(NULL, 3 * page, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(p, 'p', 3 * page);
	munmap(p + page, page);
	table.unmapped = (uint64_t)(p + page);
	table.data = (uint64_t)data;
	abort();
}
