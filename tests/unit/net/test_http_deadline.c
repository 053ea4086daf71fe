/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/net/http.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "eii/base/clock.h"
#include "peer.h"
#include "silent_names.h"
#include "support.h"

#define DEADLINE_MS 150
#define GRACE_MS    3000 /* how late an end may be on a busy machine; what hangs ends at FAR_MS */
#define FAR_MS      20000
#define BODY_BYTES  ((size_t)6 * 1024 * 1024) /* more than two sockets hold */
#define EMPTY_OK    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

/* A peer that goes as far as its stage and no further. */
enum stage {
	STAGE_LOOKUP,
	STAGE_CONNECT,
	STAGE_TLS,
	STAGE_TUNNEL, /* a proxy that is asked for one */
	STAGE_REQUEST,
	STAGE_LARGE_REQUEST,
	STAGE_STATUS,
	STAGE_CONTINUE, /* 100 Continue again and again */
	STAGE_HEADERS,
	STAGE_BODY,
	STAGE_DRIPPING_HEADERS,
	STAGE_DRIPPING_BODY,
	STAGE_N,
};

static const char *const stage_names[STAGE_N] = {
	"look-up", "connect", "TLS",     "tunnel", "request",          "large request",
	"status",  "100",     "headers", "body",   "dripping headers", "dripping body",
};

struct scene {
	enum stage stage;
	int reached_fd; /* eventfd: the stage is reached */
	int over_fd;    /* eventfd: the client has gone, which a full socket never tells */
	struct peer *peer;
	int full_fd, filling_fd; /* a socket that takes no connection any more */
	struct eii_http *http;
	struct eii_http_reply reply;
	struct eii_error err;
	struct eii_stop *stop;
	char url[80], proxy[80];
	char *body;
};

static void note_reached(void *arg)
{
	(void)eventfd_write(((struct scene *)arg)->reached_fd, 1);
}

static bool read_head(int fd)
{
	char line[1024];

	while (peer_read_line(fd, line, sizeof(line)) > 0)
		continue;
	return true;
}

/* The same bytes every 10 ms until the client has gone. */
static void drip(int fd, const char *text)
{
	struct pollfd gone = { .fd = fd, .events = POLLRDHUP };

	while (peer_send_str(fd, text) && poll(&gone, 1, 10) == 0)
		continue;
}

static void serve(int fd, void *arg)
{
	static const char *const begun[STAGE_N] = {
		[STAGE_STATUS] = "HTTP/1.1 20",
		[STAGE_HEADERS] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n",
		[STAGE_BODY] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
		[STAGE_DRIPPING_HEADERS] = "HTTP/1.1 200 OK\r\n",
		[STAGE_DRIPPING_BODY] = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
	};
	struct scene *scene = arg;
	enum stage stage = scene->stage;
	char first;

	if (stage != STAGE_TLS && stage != STAGE_LARGE_REQUEST)
		(void)read_head(fd);
	if (stage == STAGE_LARGE_REQUEST)
		(void)recv(fd, &first, 1, MSG_PEEK);
	if (begun[stage])
		(void)peer_send_str(fd, begun[stage]);
	note_reached(scene);
	if (stage == STAGE_LARGE_REQUEST) {
		struct pollfd over = { .fd = scene->over_fd, .events = POLLIN };

		(void)poll(&over, 1, FAR_MS);
	} else if (stage == STAGE_CONTINUE)
		drip(fd, "HTTP/1.1 100 Continue\r\n\r\n");
	else if (stage == STAGE_DRIPPING_HEADERS)
		drip(fd, "X-Some: thing\r\n");
	else if (stage == STAGE_DRIPPING_BODY)
		drip(fd, " ");
	else
		peer_drain(fd);
}

/* A listening socket whose one place is taken: what connects to it waits. */
static uint16_t fill_socket(struct scene *scene)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);

	scene->full_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	scene->filling_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(scene->full_fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(scene->full_fd, 0), 0);
	assert_int_equal(getsockname(scene->full_fd, (struct sockaddr *)&address, &size), 0);
	assert_int_equal(connect(scene->filling_fd, (struct sockaddr *)&address, size), 0);
	return ntohs(address.sin_port);
}

static void set_scene(struct scene *scene, enum stage stage)
{
	/* Nothing to verify here, and reading the system's authorities takes time. */
	struct eii_http_options options = { .tls = { .verify = false } };
	bool is_https = stage == STAGE_TLS || stage == STAGE_TUNNEL;
	uint16_t port;

	*scene = (struct scene){ .stage = stage, .full_fd = -1, .filling_fd = -1 };
	scene->reached_fd = eventfd(0, EFD_CLOEXEC);
	scene->over_fd = eventfd(0, EFD_CLOEXEC);
	scene->stop = eii_stop_new();
	scene->peer = peer_start(serve, scene, 1);
	port = stage == STAGE_CONNECT ? fill_socket(scene) : peer_port(scene->peer);
	if (stage == STAGE_TUNNEL) {
		(void)snprintf(scene->proxy, sizeof(scene->proxy), "http://127.0.0.1:%u", port);
		options.https_proxy = scene->proxy;
	}
	scene->http = eii_http_new(&options);
	eii_http_reply_init(&scene->reply);
	(void)snprintf(scene->url, sizeof(scene->url), "%s://%s:%u/", is_https ? "https" : "http",
		       stage == STAGE_LOOKUP ? SILENT_NAME : "127.0.0.1", port);
	scene->body = calloc(1, BODY_BYTES);
	silent_names_watch(note_reached, scene);
	/* Nobody sees a connection that is not taken: the peer is not waited for. */
	if (stage == STAGE_CONNECT)
		note_reached(scene);
}

static void clear_scene(struct scene *scene)
{
	eii_http_free(scene->http);
	(void)eventfd_write(scene->over_fd, 1);
	silent_names_release();
	peer_stop(scene->peer);
	if (scene->full_fd >= 0) {
		(void)close(scene->full_fd);
		(void)close(scene->filling_fd);
	}
	(void)close(scene->reached_fd);
	(void)close(scene->over_fd);
	eii_http_reply_clear(&scene->reply);
	eii_stop_free(scene->stop);
	free(scene->body);
}

static enum eii_rc post(struct scene *scene, int64_t deadline_ms)
{
	struct eii_http_request request = {
		.url = scene->url,
		.body = eii_text(scene->body, scene->stage == STAGE_LARGE_REQUEST ? BODY_BYTES : 2),
		.deadline_ms = deadline_ms,
		.stop = scene->stop,
	};

	return eii_http_post(scene->http, &request, &scene->reply, &scene->err);
}

static void check_end(const struct scene *scene, int64_t due_ms, enum eii_error_kind kind)
{
	int64_t late_ms = eii_clock_monotonic_ms() - due_ms;
	const char *name = stage_names[scene->stage];

	CHECK(scene->err.kind == kind, "%s: kind %d: %s", name, scene->err.kind, scene->err.text);
	CHECK(late_ms <= GRACE_MS, "%s: %lld ms late", name, (long long)late_ms);
	CHECK(scene->reply.is_sent == (scene->stage >= STAGE_REQUEST), "%s: sent %d", name,
	      scene->reply.is_sent);
}

static void test_http_deadline__holds_at_every_stage(void **state)
{
	(void)state;
	for (enum stage stage = 0; stage < STAGE_N; stage++) {
		int64_t due_ms;
		struct scene scene;

		set_scene(&scene, stage);
		due_ms = eii_clock_monotonic_ms() + DEADLINE_MS;
		CHECK(post(&scene, due_ms) == EII_RETRY, "%s", stage_names[stage]);
		CHECK(eii_clock_monotonic_ms() >= due_ms, "%s: too early", stage_names[stage]);
		check_end(&scene, due_ms, EII_ERROR_UNREACHABLE);
		clear_scene(&scene);
	}
}

struct cutter {
	struct scene *scene;
	void (*cut)(struct scene *scene);
	int64_t cut_at_ms;
};

/* Waits until the peer has got where it hangs, then cuts. */
static void *run_cutter(void *arg)
{
	struct cutter *cutter = arg;
	struct pollfd reached = { .fd = cutter->scene->reached_fd, .events = POLLIN };

	(void)poll(&reached, 1, FAR_MS);
	cutter->cut_at_ms = eii_clock_monotonic_ms();
	cutter->cut(cutter->scene);
	return NULL;
}

static void stop_scene(struct scene *scene)
{
	eii_stop_request(scene->stop);
}

static void end_scene_soon(struct scene *scene)
{
	eii_http_end_by(scene->http, eii_clock_monotonic_ms() + 20);
}

static void check_cuts(void (*cut)(struct scene *scene), enum eii_error_kind kind)
{
	for (enum stage stage = 0; stage < STAGE_N; stage++) {
		struct cutter cutter = { .cut = cut };
		struct scene scene;
		pthread_t thread;

		set_scene(&scene, stage);
		cutter.scene = &scene;
		assert_int_equal(pthread_create(&thread, NULL, run_cutter, &cutter), 0);
		CHECK(post(&scene, eii_clock_monotonic_ms() + FAR_MS) == EII_RETRY, "%s",
		      stage_names[stage]);
		(void)pthread_join(thread, NULL);
		check_end(&scene, cutter.cut_at_ms, kind);
		clear_scene(&scene);
	}
}

static void test_http_deadline__a_stop_cuts_at_every_stage(void **state)
{
	(void)state;
	check_cuts(stop_scene, EII_ERROR_STOPPED);
}

static void test_http_deadline__an_end_set_by_another_thread_cuts_at_every_stage(void **state)
{
	(void)state;
	check_cuts(end_scene_soon, EII_ERROR_UNREACHABLE);
}

/* Serves one request, closes, and is silent for what comes after it. */
static void serve_once(int fd, void *arg)
{
	int *n_served = arg;

	if ((*n_served)++ == 0) {
		(void)read_head(fd);
		(void)peer_send_str(fd, EMPTY_OK);
		(void)read_head(fd);
		return;
	}
	peer_drain(fd);
}

static void test_http_deadline__covers_the_repetition_after_a_dead_connection(void **state)
{
	struct eii_http_options options = { .tls = { .verify = true } };
	struct eii_http *http = eii_http_new(&options);
	int n_served = 0;
	struct peer *peer = peer_start(serve_once, &n_served, 2);
	struct eii_http_request request = { .deadline_ms = eii_clock_monotonic_ms() + FAR_MS };
	struct eii_http_reply reply;
	struct eii_error err;
	char url[80];

	(void)state;
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", peer_port(peer));
	request.url = url;
	eii_http_reply_init(&reply);
	assert_int_equal(eii_http_post(http, &request, &reply, &err), EII_OK);
	request.deadline_ms = eii_clock_monotonic_ms() + DEADLINE_MS;
	assert_int_equal(eii_http_post(http, &request, &reply, &err), EII_RETRY);
	assert_true(eii_clock_monotonic_ms() - request.deadline_ms <= GRACE_MS);
	assert_true(reply.is_sent);
	/* Over before it begins: the figures of the one before say nothing of it. */
	assert_int_equal(eii_http_post(http, &request, &reply, &err), EII_RETRY);
	assert_false(reply.is_sent);
	eii_http_free(http);
	peer_stop(peer);
	eii_http_reply_clear(&reply);
	assert_int_equal(n_served, 2);
}

static void serve_ok(int fd, void *arg)
{
	(void)arg;
	while (read_head(fd) && peer_send_str(fd, EMPTY_OK))
		continue;
}

static void test_http_deadline__an_end_is_taken_back(void **state)
{
	struct eii_http_options options = { .tls = { .verify = true } };
	struct eii_http *http = eii_http_new(&options);
	struct peer *peer = peer_start(serve_ok, NULL, 1);
	struct eii_http_request request = { .deadline_ms = eii_clock_monotonic_ms() + FAR_MS };
	struct eii_http_reply reply;
	struct eii_error err;
	char url[80];

	(void)state;
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", peer_port(peer));
	request.url = url;
	eii_http_reply_init(&reply);
	eii_http_end_by(http, eii_clock_monotonic_ms());
	assert_int_equal(eii_http_post(http, &request, &reply, &err), EII_RETRY);
	eii_http_end_by(http, 0);
	CHECK(eii_http_post(http, &request, &reply, &err) == EII_OK, "%s", err.text);
	eii_http_free(http);
	peer_stop(peer);
	eii_http_reply_clear(&reply);
}

static int set_up(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	eii_http_global_init();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	eii_http_global_clear();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_http_deadline__holds_at_every_stage),
		cmocka_unit_test(test_http_deadline__a_stop_cuts_at_every_stage),
		cmocka_unit_test(
			test_http_deadline__an_end_set_by_another_thread_cuts_at_every_stage),
		cmocka_unit_test(test_http_deadline__covers_the_repetition_after_a_dead_connection),
		cmocka_unit_test(test_http_deadline__an_end_is_taken_back),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
