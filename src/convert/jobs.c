/* SPDX-License-Identifier: Apache-2.0 */
#include "jobs.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "eii/base/alloc.h"
#include "eii/fields/wire.h"

#define SEND_PIECES 32 /* of one call: head and mail of sixteen requests */

void eii_jobs_init(struct eii_jobs *jobs, size_t capacity)
{
	*jobs = (struct eii_jobs){ .capacity = capacity };
	jobs->ring = eii_calloc(capacity, sizeof(*jobs->ring));
	for (size_t i = 0; i < capacity; i++)
		eii_buf_init(&jobs->ring[i].head,
			     EII_WIRE_REQUEST_HEAD_BYTES + EII_WIRE_WORDS_MAX_BYTES);
}

void eii_jobs_clear(struct eii_jobs *jobs)
{
	for (size_t i = 0; i < jobs->capacity; i++) {
		eii_fields_free(jobs->ring[i].fields);
		eii_buf_clear(&jobs->ring[i].head);
	}
	free(jobs->ring);
	*jobs = (struct eii_jobs){ 0 };
}

struct eii_job *eii_jobs_at(const struct eii_jobs *jobs, size_t i)
{
	return &jobs->ring[(jobs->first + i) % jobs->capacity];
}

struct eii_job *eii_jobs_head(const struct eii_jobs *jobs)
{
	return jobs->n_done < jobs->n ? eii_jobs_at(jobs, jobs->n_done) : NULL;
}

struct eii_job *eii_jobs_add(struct eii_jobs *jobs)
{
	struct eii_job *job = eii_jobs_at(jobs, jobs->n);
	struct eii_buf head = job->head;

	assert(jobs->n < jobs->capacity);
	eii_buf_reset(&head);
	*job = (struct eii_job){ .head = head };
	jobs->n++;
	return job;
}

void eii_jobs_pop(struct eii_jobs *jobs)
{
	struct eii_job *job = eii_jobs_at(jobs, 0);

	jobs->bytes -= job->counted;
	job->fields = NULL;
	jobs->first = (jobs->first + 1) % jobs->capacity;
	jobs->n--;
	if (jobs->n_done)
		jobs->n_done--;
	if (jobs->n_sent)
		jobs->n_sent--;
}

void eii_jobs_unsend(struct eii_jobs *jobs)
{
	for (size_t i = jobs->n_done; i < jobs->n; i++)
		eii_jobs_at(jobs, i)->sent = 0;
	jobs->n_sent = jobs->n_done;
}

/* What is left of a piece after skip bytes, which it reduces. */
static struct iovec rest_of(struct eii_text piece, size_t *skip)
{
	size_t n = piece.len < *skip ? piece.len : *skip;
	/* sendmsg() only reads, but its struct serves recvmsg() as well. */
	const union {
		const char *ours;
		void *theirs;
	} base = { .ours = piece.data ? piece.data + n : NULL };

	*skip -= n;
	return (struct iovec){ .iov_base = base.theirs, .iov_len = piece.len - n };
}

static size_t request_size(const struct eii_job *job)
{
	return job->head.len + job->mail.len;
}

static void count_sent(struct eii_jobs *jobs, size_t n)
{
	while (n > 0) {
		struct eii_job *job = eii_jobs_at(jobs, jobs->n_sent);
		size_t rest = request_size(job) - job->sent;
		size_t part = n < rest ? n : rest;

		job->sent += part;
		n -= part;
		if (part == rest)
			jobs->n_sent++;
	}
}

bool eii_jobs_send(struct eii_jobs *jobs, int fd)
{
	while (jobs->n_sent < jobs->n) {
		struct iovec pieces[SEND_PIECES];
		struct msghdr message = { .msg_iov = pieces };
		size_t n_pieces = 0;
		ssize_t n;

		for (size_t i = jobs->n_sent; i < jobs->n && n_pieces < SEND_PIECES; i++) {
			const struct eii_job *job = eii_jobs_at(jobs, i);
			size_t skip = job->sent;

			pieces[n_pieces++] = rest_of(eii_buf_text(&job->head), &skip);
			pieces[n_pieces++] = rest_of(job->mail, &skip);
		}
		message.msg_iovlen = n_pieces;
		n = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		count_sent(jobs, (size_t)n);
	}
	return true;
}
