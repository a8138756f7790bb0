// What HAProxy leaves for whoever reads its core: structures of the same names and
// shapes, in the same sections, with values that a test can know.
//
//	postmortem bug      a check fails: counted, told, undefined instruction (3.2)
//	postmortem abort    an abort with its place and a message (3.5)
//	postmortem counter  a check whose text is made of its counter (3.5)
//	postmortem shared   two checks that end at the same place
//	postmortem warn     a check that only counts, before the end
//	postmortem plain    an undefined instruction of no check
//
// FIRST, DISTRO, LATE, CAPS and LIBS are what differs between versions and builds;
// OLD_RING is a ring before 3.0, LOOSE a list of sinks that does not come back.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

char stats_title[] = " version 3.2.99-test, released 2026/11/23";
char version[] = "3.2.99-test";
char version_marker[] = "HAProxy version follows";
char version_again[] = "3.2.99-test";

struct cap { uint32_t effective, permitted, inheritable; };

struct post_mortem_component {
	char name[32], version[32];
	const char *toolchain, *toolchain_opts, *build_settings, *path;
};

struct post_mortem {
#ifndef FIRST
	char post_mortem_magic[32];
#endif
	struct {
		struct utsname utsname;
#ifdef DISTRO
		char distro[64];
#endif
		char hw_vendor[64], hw_family[64], hw_model[64], brd_vendor[64], brd_model[64];
		char soc_vendor[64], soc_model[64], cpu_model[64];
		char virt_techno[16], cont_techno[16];
	} platform;
	struct {
		int pid;
		unsigned boot_uid, boot_gid;
#ifdef LATE
		unsigned run_uid, run_gid;
#ifdef CAPS
		struct {
			struct cap boot[2];
			int err_boot;
			struct cap run[2];
			int err_run;
		} caps;
#endif
		struct rlimit boot_lim_fd, boot_lim_ram, run_lim_fd, run_lim_ram;
#else
		struct rlimit limit_fd, limit_ram;
#endif
#ifdef FIRST
		struct {
			unsigned long long pth_id;
			void *stack_top;
		} thread_info[256];
#else
		char **argv;
		unsigned char argc;
#endif
	} process;
#ifdef LIBS
	char *libs;
#endif
#ifndef FIRST
	void *tgroup_info, *thread_info, *tgroup_ctx, *thread_ctx, *pools, *proxies, *global, *fdtab, *activity;
#endif
	unsigned nb_components;
	struct post_mortem_component *components;
};

#ifdef FIRST
struct post_mortem post_mortem;
#else
struct post_mortem post_mortem __attribute__((section("_post_mortem"), aligned(256))) = {};
#endif

struct debug_count {
	const char *file, *func, *desc;
	uint16_t line;
	uint8_t type, details;
	uint32_t count;
};

#define COUNTER(name, n, kind, detail, text) \
	static struct debug_count name __attribute__((section("dbg_cnt"), used, aligned(8))) = { \
		.file = "src/test.c", .func = "test", .desc = text, .line = n, .type = kind, .details = detail }

COUNTER(quiet, 1, 0, 0, "\"never\"");
COUNTER(counted, 2, 2, 0, "\"1\" [seldom]");
COUNTER(glitch, 3, 3, 0, "odd frame");
COUNTER(checked, 4, 1, 0, "\"b && \"c\"\"");
COUNTER(bug, 870, 0, 0, "\"one > zero\" [on purpose]");
COUNTER(modern, 12, 0, 0x24, "two > one\x1e" "on purpose");

struct list { struct list *n, *p; };

#ifdef OLD_RING
struct ring {
	size_t size;
	char *area;
	size_t data, head;
	struct list waiters;
};
#else
struct ring_storage {
	size_t size, rsvd;
	char pad0[64 - 2 * sizeof(size_t)];
	size_t tail;
	char pad1[64 - sizeof(size_t)];
	size_t head;
	char pad2[64 - sizeof(size_t)];
	char area[];
};
struct ring {
	struct ring_storage *storage;
	struct list waiters;
};
#endif

struct sink {
	struct list sink_list;
	const char *name, *desc, *store;
	int fmt, type;
	uint32_t maxlen;
	void *forward_px, *sft, *forward_task, *forward_sighandler;
	struct { struct ring *ring; unsigned dropped; int fd; } ctx;
};

struct ring *startup_logs;
struct list sink_list = { &sink_list, &sink_list };

char ha_tgroup_info[8], ha_thread_info[8], ha_tgroup_ctx[8], ha_thread_ctx[8], pools[8], proxies_list[8], global[8], fdtab[8], activity[8];

static struct ring *new_ring(size_t size, size_t head, size_t used)
{
	struct ring *r = calloc(1, sizeof(*r));
#ifdef OLD_RING
	r->size = size;
	r->area = calloc(1, size);
	r->data = used;
	r->head = head;
#else
	r->storage = calloc(1, sizeof(*r->storage) + size);
	r->storage->size = size;
	r->storage->rsvd = sizeof(*r->storage);
	r->storage->head = head;
	r->storage->tail = (head + used) % size;
#endif
	return r;
}

static struct sink *new_sink(const char *name, const char *desc, struct ring *ring)
{
	struct sink *s = calloc(1, sizeof(*s));
	s->name = strdup(name);
	s->desc = strdup(desc);
	s->ctx.ring = ring;
	s->sink_list.p = sink_list.p;
	s->sink_list.n = &sink_list;
	s->sink_list.p->n = &s->sink_list;
	sink_list.p = &s->sink_list;
	return s;
}

// ha_panic is where the types of this file are looked for.
__attribute__((noipa)) void ha_panic(void)
{
	abort();
}

__attribute__((noipa)) static void complain(const char *text)
{
	if (write(2, text, strlen(text)) < 0)
		_exit(1);
}

__attribute__((noipa)) static void complain_with(struct debug_count *c)
{
	c->count++;
	complain(c->desc);
}

#ifdef __aarch64__
#define CRASH() do { __asm__ volatile("udf #0"); __builtin_unreachable(); } while (0)
#elif defined(__riscv)
#define CRASH() do { *(volatile char *)1 = 0; __builtin_unreachable(); } while (0)
#else
#define CRASH() do { __asm__ volatile("ud2"); __builtin_unreachable(); } while (0)
#endif

__attribute__((noipa)) static void check(int one, int zero)
{
	if (one > zero) {
		__atomic_fetch_add(&bug.count, 1, __ATOMIC_SEQ_CST);
		complain("\nFATAL: bug condition \"one > zero\" matched at src/test.c:870\non purpose\n");
		CRASH();
	}
	complain("fine\n");
}

__attribute__((noipa)) static void stop(void)
{
	complain("src/test.c:12: enough: of it");
	CRASH();
}

__attribute__((noipa)) static void modern_check(void)
{
	complain_with(&modern);
	CRASH();
}

__attribute__((noipa)) static void shared(int a)
{
	const char *text;
	if (a)
		text = "\nFATAL: bug condition \"a\" matched at src/test.c:1\n";
	else
		text = "\nFATAL: bug condition \"b\" matched at src/test.c:2\n";
	complain(text);
	CRASH();
}

__attribute__((noipa)) static void warn(void)
{
	complain_with(&counted);
	CRASH();
}

__attribute__((noipa)) static void plain(void)
{
	CRASH();
}

static void fill(int argc, char **argv)
{
	struct post_mortem *p = &post_mortem;
	static const struct rlimit files = { 1024, 4096 }, memory = { RLIM_INFINITY, RLIM_INFINITY };
#ifndef FIRST
	memcpy(p->post_mortem_magic, "POST-MORTEM STARTS HERE+7654321", 32);
	p->process.argc = argc;
	p->process.argv = argv;
	p->tgroup_info = ha_tgroup_info;
	p->thread_info = ha_thread_info;
	p->tgroup_ctx = ha_tgroup_ctx;
	p->thread_ctx = ha_thread_ctx;
	p->pools = pools;
	p->proxies = proxies_list;
	p->global = global;
	p->fdtab = fdtab;
	p->activity = activity;
#endif
	strcpy(p->platform.utsname.sysname, "Linux");
	strcpy(p->platform.utsname.nodename, "lb1");
	strcpy(p->platform.utsname.release, "6.1.0");
	strcpy(p->platform.utsname.machine, "x86_64");
#ifdef DISTRO
	strcpy(p->platform.distro, "Testix 3");
#endif
	strcpy(p->platform.hw_vendor, "Acme");
	strcpy(p->platform.cpu_model, "Fast");
	strcpy(p->platform.virt_techno, "kvm");
	strcpy(p->platform.cont_techno, "no");
	p->process.pid = getpid();
	p->process.boot_uid = 1;
	p->process.boot_gid = 2;
#ifdef LATE
	p->process.run_uid = 3;
	p->process.run_gid = 4;
	p->process.boot_lim_fd = p->process.run_lim_fd = files;
	p->process.boot_lim_ram = p->process.run_lim_ram = memory;
#ifdef CAPS
	p->process.caps.boot[0] = (struct cap){ 1, 3, 7 };
	p->process.caps.boot[1].effective = 1;
	p->process.caps.err_run = 1;
#endif
#else
	p->process.limit_fd = files;
	p->process.limit_ram = memory;
#endif
#ifdef LIBS
	p->libs = strdup("0x1000 libc.so.6");
#endif
	p->components = calloc(2, sizeof(*p->components));
	p->components[0] = (struct post_mortem_component){ "haproxy", "3.2.99-test", strdup("gcc-1"), strdup("-O2"), strdup("TARGET='test'"), strdup("/usr/sbin/haproxy") };
	p->components[1] = (struct post_mortem_component){ "other", "1.0", "", "", "", "" };
	p->nb_components = 2;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "plain";
	fill(argc, argv);
	counted.count = 7;
	glitch.count = 1;
	checked.count = 2;
	startup_logs = new_ring(4096, 0, 321);
	new_sink("stdout", "standard output", NULL);
	new_sink("buf0", "in-memory ring buffer", new_ring(65536, 60000, 10000));
#ifdef LOOSE
	sink_list.n->n = sink_list.n;
#endif
	if (strcmp(way, "bug") == 0)
		check(argc, 0);
	else if (strcmp(way, "abort") == 0)
		stop();
	else if (strcmp(way, "counter") == 0)
		modern_check();
	else if (strcmp(way, "shared") == 0)
		shared(argc > 2);
	else if (strcmp(way, "warn") == 0)
		warn();
	else if (strcmp(way, "panic") == 0)
		ha_panic();
	plain();
}
