/* SPDX-License-Identifier: Apache-2.0 */
#include "silent_names.h"

#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;
static int n_hanging;
static bool is_released;
static void (*on_begun)(void *arg);
static void *on_begun_arg;

void silent_names_watch(void (*begun)(void *arg), void *arg)
{
	(void)pthread_mutex_lock(&lock);
	on_begun = begun;
	on_begun_arg = arg;
	is_released = false;
	(void)pthread_mutex_unlock(&lock);
}

void silent_names_release(void)
{
	(void)pthread_mutex_lock(&lock);
	is_released = true;
	(void)pthread_cond_broadcast(&change);
	while (n_hanging)
		(void)pthread_cond_wait(&change, &lock);
	(void)pthread_mutex_unlock(&lock);
}

static void hang(void)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += SILENT_NAMES_MAX_MS / 1000;
	(void)pthread_mutex_lock(&lock);
	n_hanging++;
	if (on_begun)
		on_begun(on_begun_arg);
	while (!is_released && pthread_cond_timedwait(&change, &lock, &end) == 0)
		continue;
	n_hanging--;
	(void)pthread_cond_broadcast(&change);
	(void)pthread_mutex_unlock(&lock);
}

int getaddrinfo(const char *restrict node, const char *restrict service,
		const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");

	if (node && strcmp(node, SILENT_NAME) == 0) {
		hang();
		return EAI_AGAIN;
	}
	memcpy(&real, &symbol, sizeof(real));
	return real(node, service, hints, result);
}
