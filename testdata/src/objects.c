/*
 * Structures with the names and the shapes of HAProxy's (none of its code): a CLI applet
 * that spins on the back side of a stream, streams in the lists of two threads, proxies,
 * servers, pools, file descriptors, tasks in a tree. It aborts in
 * stream_dump_and_crash().
 *
 *   N          so many streams more in the list of thread 1
 *   broken     an element of the list of thread 2 is overwritten, the chain of proxies
 *              comes back to itself, a pointer leads nowhere
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>

enum obj_type { OBJ_TYPE_NONE = 0, OBJ_TYPE_LISTENER, OBJ_TYPE_PROXY, OBJ_TYPE_SERVER, OBJ_TYPE_APPLET, OBJ_TYPE_APPCTX,
	OBJ_TYPE_CONN, OBJ_TYPE_SRVRQ, OBJ_TYPE_SC, OBJ_TYPE_STREAM } __attribute__((packed));
enum sc_state { SC_ST_INI = 0, SC_ST_REQ, SC_ST_QUE, SC_ST_TAR, SC_ST_ASS, SC_ST_CON, SC_ST_CER, SC_ST_RDY, SC_ST_EST, SC_ST_DIS, SC_ST_CLO } __attribute__((packed));
enum pr_mode { PR_MODE_TCP = 0, PR_MODE_HTTP, PR_MODE_CLI } __attribute__((packed));
enum srv_state { SRV_ST_STOPPED = 0, SRV_ST_STARTING, SRV_ST_RUNNING, SRV_ST_STOPPING } __attribute__((packed));
enum h1_state { H1_MSG_RQBEFORE = 0, H1_MSG_DATA = 26 } __attribute__((packed));
enum lock_label { TASK_RQ_LOCK, TASK_WQ_LOCK, SERVER_LOCK };
enum thread_exec_ctx_type { TH_EX_CTX_NONE = 0, TH_EX_CTX_TASK, TH_EX_CTX_APPLET };
enum h1_cs { H1_CS_IDLE, H1_CS_EMBRYONIC, H1_CS_RUNNING };

struct list { struct list *n, *p; };
struct mt_list { struct mt_list *next, *prev; };
struct eb_root { void *b[2]; };
struct eb_node { struct eb_root branches; void *node_p, *leaf_p; short bit; unsigned short pfx; };
struct eb32_node { struct eb_node node; unsigned int key; };
struct buffer { size_t size; char *area; size_t data, head; };
struct freq_ctr { unsigned int curr_tick, curr_ctr, prev_ctr; };

struct task {
	unsigned int state; int tid;
	struct task *(*process)(struct task *, void *, unsigned int);
	void *context;
	unsigned int calls; int expire;
	short nice;
	struct eb32_node rq, wq;
};
struct tasklet {
	unsigned int state; int tid;
	struct task *(*process)(struct task *, void *, unsigned int);
	void *context;
	unsigned int calls;
	struct list list;
};

struct ist { char *ptr; size_t len; };
struct mux_proto_list { struct ist token; };
struct be_counters { unsigned int conn_max, cps_max, nbpend_max; unsigned long long cum_conn, cum_sess; };
struct server {
	enum obj_type obj_type; enum srv_state cur_state, next_state; int cur_admin;
	unsigned int flags, maxconn, cur_sess, served, cur_eweight, queueslength, curr_idle_conns; int puid;
	struct be_counters counters; char *id; struct server *next; const struct mux_proto_list *mux_proto;
};
struct proxy {
	enum obj_type obj_type; enum pr_mode mode; int cap, uuid; unsigned int flags, feconn, beconn, served, queueslength;
	char *id; struct server *srv; struct be_counters fe_counters, be_counters; struct { unsigned int tot_wact; } lbprm; struct proxy *next;
	struct stktable *table; struct comp *comp; struct list filter_configs; struct { struct list listeners; } conf;
};
struct bind_conf { struct proxy *frontend; };
struct protocol { char name[12]; };
struct receiver { const struct protocol *proto; };
struct listener {
	enum obj_type obj_type; int luid; unsigned int flags; char *name; struct bind_conf *bind_conf;
	struct receiver rx; struct list by_fe;
};
struct session { enum obj_type obj_type; struct proxy *fe; struct listener *listener; enum obj_type *origin; unsigned int flags; };

struct appctx;
struct applet { enum obj_type obj_type; char *name; void (*fct)(struct appctx *); };
struct sedesc;
struct stconn;
struct appctx {
	enum obj_type obj_type; unsigned int st0, st1, flags; struct buffer inbuf, outbuf; size_t to_forward;
	struct applet *applet; struct session *sess; struct sedesc *sedesc; struct task *t; struct freq_ctr call_rate;
};
struct xprt_ops { char name[8]; };
struct connection;
struct mux_ops { int (*init)(struct connection *); char name[8]; };
struct connection {
	enum obj_type obj_type; unsigned char err_code; unsigned int flags; const struct protocol *ctrl; const struct xprt_ops *xprt;
	const struct mux_ops *mux; void *ctx; enum obj_type *target; union { struct { int fd; }; } handle;
};
struct sedesc { void *se; struct connection *conn; struct stconn *sc; unsigned int flags; };
struct wait_event { int events; };
struct stconn { enum obj_type obj_type; enum sc_state state; unsigned int flags, ioto; struct wait_event wait_event; struct sedesc *sedesc; enum obj_type *app; };
struct h1m { enum h1_state state; unsigned int flags; };
struct h1c { unsigned int flags; enum h1_cs state; struct buffer ibuf, obuf; struct task *task; };
struct h1s { struct h1c *h1c; unsigned int flags; struct h1m req, res; };

struct http_msg { enum { HTTP_MSG_RQBEFORE, HTTP_MSG_DONE = 34 } msg_state; unsigned int flags; };
struct http_txn { struct http_msg rsp, req; unsigned int flags; int meth; short status; };
struct channel { unsigned int flags, analysers; struct buffer buf; size_t output; unsigned int to_forward, analyse_exp; unsigned long long total; };
struct flt_conf { const char *id; struct list list; };
struct filter { struct flt_conf *config; unsigned short flags; struct list list; };
struct stream {
	enum obj_type obj_type; int flags; unsigned int uniq_id; enum obj_type *target; struct session *sess;
	struct channel req, res; struct proxy *be; struct server *srv_conn; void *pend_pos; struct http_txn *txn; struct task *task;
	int conn_retries; unsigned int conn_exp, conn_err_type, passes_stconn; struct list list;
	struct { struct list filters; } strm_flt; struct stconn *scf, *scb;
};

struct thread_info { int tid; unsigned long long pth_id; void *stack_top; };
struct thread_exec_ctx { enum thread_exec_ctx_type type; union { const void *pointer; const struct applet *applet; }; };
struct thread_ctx {
	struct eb_root timers, rqueue; struct task *current; int current_queue; unsigned int nb_tasks, flags; unsigned char tl_class_mask;
	struct list streams, tasklets[2]; unsigned int rq_total, stream_cnt; unsigned long long total_streams;
	enum lock_label last; unsigned long lock_history; struct thread_exec_ctx exec_ctx;
};
struct pool_head { unsigned int size, flags, users; char name[12]; struct list list; struct { unsigned int allocated, used, failed; } buckets[4]; };
struct fdtab { unsigned long running_mask, thread_mask, update_mask; void (*iocb)(int); void *owner; unsigned int state, generation; };
struct global { int nbthread, maxsock; };

struct global global = { 2, 40 };
struct thread_info ha_thread_info[2];
struct thread_ctx ha_thread_ctx[2];
struct proxy *proxies_list;
static struct list pools = { &pools, &pools };
struct fdtab *fdtab;
unsigned int tainted = 0x40;
volatile unsigned int global_now_ms = 1000000;

void cli_io_handler(struct appctx *a) { a->st0++; }
void sock_conn_iocb(int fd) { global.maxsock += fd; }
int h1_init(struct connection *c) { return c->err_code; }
struct task *process_stream(struct task *t, void *context, unsigned int state)
{
	return ((struct stream *)context)->task + (state & 0) + (t == NULL);
}
struct task *task_process_applet(struct task *t, void *context, unsigned int state)
{
	((struct appctx *)context)->st1 = state;
	return t;
}
__attribute__((noipa)) void stream_dump_and_crash(enum obj_type *obj, int rate)
{
	global.maxsock += rate & 0;
	if (obj)
		abort();
}

static char secret[64] = "Authorization: Basic c2VjcmV0OnNlY3JldA==";
static struct session session;
static struct applet cli = { OBJ_TYPE_APPLET, "<CLI>", cli_io_handler };
static const struct mux_ops mux = { h1_init, "H1" };
static const struct xprt_ops raw = { "RAW" };
static const struct protocol tcp = { "tcpv4" }, quic = { "quic4" };
static const struct mux_proto_list fcgi = { { "fcgi", 4 } };

static void append(struct list *head, struct list *e)
{
	e->n = head;
	e->p = head->p;
	head->p->n = e;
	head->p = e;
}

static struct stconn *side(struct stream *s, enum sc_state state, void *se, struct connection *conn, unsigned int flags)
{
	struct stconn *sc = calloc(1, sizeof(*sc));
	struct sedesc *sd = calloc(1, sizeof(*sd));
	*sd = (struct sedesc){ se, conn, sc, flags };
	*sc = (struct stconn){ OBJ_TYPE_SC, state, flags & 0xff, 10000, { 1 }, sd, &s->obj_type };
	return sc;
}

static struct stream *stream(int thread, unsigned int id, struct proxy *be)
{
	struct stream *s = calloc(1, sizeof(*s));
	struct connection *c = calloc(1, sizeof(*c));
	struct h1c *h1c = calloc(1, sizeof(*h1c));
	struct h1s *h1s = calloc(1, sizeof(*h1s));
	*h1c = (struct h1c){ .flags = 0x10, .state = H1_CS_RUNNING, .ibuf = { 16384, secret, 39, 0 } };
	*h1s = (struct h1s){ h1c, 0x20, { H1_MSG_DATA, 3 }, { H1_MSG_RQBEFORE, 0 } };
	*c = (struct connection){ OBJ_TYPE_CONN, 0, 0x300, &tcp, &raw, &mux, h1c, &be->srv->obj_type, { { 17 } } };
	s->obj_type = OBJ_TYPE_STREAM;
	s->flags = 0x4a;
	s->uniq_id = id;
	s->sess = &session;
	s->be = be;
	s->target = &be->srv->obj_type;
	s->req = (struct channel){ .flags = 0x848000, .buf = { 16384, secret, 43, 0 }, .output = 4, .to_forward = ~0U, .total = 43 };
	s->res.flags = 0x80008000;
	s->conn_exp = 1004000;
	s->strm_flt.filters.n = s->strm_flt.filters.p = &s->strm_flt.filters;
	s->scf = side(s, SC_ST_CLO, h1s, c, 0x5060c601);
	s->scb = side(s, SC_ST_EST, NULL, NULL, 0x2);
	append(&ha_thread_ctx[thread].streams, &s->list);
	ha_thread_ctx[thread].stream_cnt++;
	return s;
}

static struct task *task(void *process, void *context)
{
	struct task *t = calloc(1, sizeof(*t));
	t->process = process;
	t->context = context;
	t->expire = 1009000;
	return t;
}

/* A tree of two: the node of b has a on its left, itself on its right. */
static void timers(struct eb_root *root, struct task *a, struct task *b)
{
	root->b[0] = (char *)&b->wq.node + 1;
	b->wq.node.branches.b[0] = &a->wq.node;
	b->wq.node.branches.b[1] = &b->wq.node;
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "";
	static struct server s2 = { OBJ_TYPE_SERVER, SRV_ST_STOPPED, SRV_ST_STARTING, .maxconn = 3, .id = "s2", .puid = 2 };
	static struct server s1 = { OBJ_TYPE_SERVER, SRV_ST_RUNNING, SRV_ST_RUNNING, .maxconn = 5, .cur_sess = 4, .id = "s1", .puid = 1, .next = &s2 };
	static struct proxy be = { OBJ_TYPE_PROXY, PR_MODE_HTTP, 0x12, 3, .beconn = 7, .queueslength = 2, .id = "be1", .srv = &s1 };
	static struct proxy fe = { OBJ_TYPE_PROXY, PR_MODE_HTTP, 0x11, 2, .feconn = 9, .id = "fe1", .next = &be };
	static struct bind_conf bind = { &fe };
	static struct listener li = { OBJ_TYPE_LISTENER, 1, 0, NULL, &bind, { &tcp } };
	static struct fdtab fds[40];
	static struct http_txn txn = { { HTTP_MSG_RQBEFORE, 0 }, { HTTP_MSG_DONE, 0x4c }, 0x3000, 1, -1 };
	static struct flt_conf conf = { "compression filter" };
	static struct filter filter = { &conf, 1 };
	static struct pool_head p1 = { 64, 1, 2, "stream", .buckets = { { 10, 4 }, { 5, 1, 3 } } }, p2 = { 16384, 0, 1, "buffer" };
	static struct tasklet tl;

	for (int i = 0; i < 2; i++) {
		ha_thread_ctx[i].streams.n = ha_thread_ctx[i].streams.p = &ha_thread_ctx[i].streams;
		for (int k = 0; k < 2; k++)
			ha_thread_ctx[i].tasklets[k].n = ha_thread_ctx[i].tasklets[k].p = &ha_thread_ctx[i].tasklets[k];
	}
	proxies_list = &fe;
	for (struct proxy *px = &fe; px; px = px->next) {
		px->filter_configs.n = px->filter_configs.p = &px->filter_configs;
		px->conf.listeners.n = px->conf.listeners.p = &px->conf.listeners;
	}
	append(&fe.conf.listeners, &li.by_fe);
	append(&be.filter_configs, &conf.list);
	if (strcmp(way, "quic") == 0) {
		li.rx.proto = &quic;
		s2.mux_proto = &fcgi;
	}
	session = (struct session){ .fe = &fe, .listener = &li, .flags = 2 };
	append(&pools, &p1.list);
	append(&pools, &p2.list);
	fdtab = fds;
	ha_thread_info[0].pth_id = (unsigned long long)pthread_self();

	struct stream *s = stream(0, 7, &be);
	struct appctx *a = calloc(1, sizeof(*a));
	struct task *t = task(task_process_applet, a), *ts = task(process_stream, s);
	*a = (struct appctx){ OBJ_TYPE_APPCTX, 1, 16, 0x430, .applet = &cli, .t = t, .call_rate = { 0, 100000, 5641224 } };
	s->scb->sedesc->se = a;
	a->sedesc = s->scb->sedesc;
	s->txn = &txn;
	s->task = ts;
	append(&s->strm_flt.filters, &filter.list);
	ha_thread_ctx[0].current = t;
	ha_thread_ctx[0].flags = 0x34;
	ha_thread_ctx[0].lock_history = (2UL << 2 | 1) << 8 | (2 << 2 | 0); /* read, then unlocked */
	ha_thread_ctx[0].exec_ctx = (struct thread_exec_ctx){ TH_EX_CTX_APPLET, { &cli } };
	ha_thread_ctx[1].exec_ctx = (struct thread_exec_ctx){ TH_EX_CTX_TASK, { process_stream } };
	timers(&ha_thread_ctx[0].timers, ts, task(process_stream, NULL));
	tl = (struct tasklet){ .process = process_stream, .calls = 3 };
	append(&ha_thread_ctx[1].tasklets[1], &tl.list);
	fds[17] = (struct fdtab){ 0, 1, 0, sock_conn_iocb, s->scf->sedesc->conn, 0x23, 5 };

	struct stream *last = NULL;
	for (int i = 0; i < 3; i++)
		last = stream(1, 100 + i, &be);
	for (int i = atoi(way); i > 0; i--)
		stream(0, 1000 + i, &be);
	if (strcmp(way, "broken") == 0) {
		last->list.p = (struct list *)0x4242424242424242;
		be.next = &fe;
		s->sess = (struct session *)0x4242424242424242;
		p1.list.n = NULL;
	}
	stream_dump_and_crash(&a->obj_type, 7791234);
	return 0;
}
