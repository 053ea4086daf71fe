/* SPDX-License-Identifier: Apache-2.0 */
#include "eii/app/dry_run.h"

#include <stdlib.h>

#include "eii/app/stream_sink.h"
#include "eii/base/alloc.h"
#include "eii/base/log.h"
#include "eii/opencti/envelope.h"
#include "eii/stix/report.h"

#define WORK_ID "dry-run"

/* ---- the platform ------------------------------------------------------ */

struct dry_platform {
	struct eii_platform_port base; /* first */
	struct eii_platform *platform;
	char *state; /* as it would be stored */
};

static struct dry_platform *platform_of(struct eii_platform_port *self)
{
	return (struct dry_platform *)self;
}

static enum eii_rc dry_register(struct eii_platform_port *self, char **out_state,
				struct eii_platform_traits *out_traits, struct eii_error *err)
{
	struct dry_platform *dry = platform_of(self);
	enum eii_ping_answer answer;
	const char *version;

	*out_traits = (struct eii_platform_traits){ 0 };
	if (!dry->platform)
		return EII_OK;
	if (eii_platform_about(dry->platform, &version, err) ||
	    eii_platform_read_state(dry->platform, &answer, &dry->state, err))
		EII_LOG(WARN, "dry_run.no_state",
			"The platform's state cannot be read: showing the first window",
			EII_STR("reason", err->text));
	*out_state = eii_strdup(dry->state);
	return EII_OK;
}

static enum eii_rc dry_ping(struct eii_platform_port *self, const char *state,
			    const struct eii_run_info *info, enum eii_ping_result *out_result,
			    char **out_state, struct eii_error *err)
{
	struct dry_platform *dry = platform_of(self);

	(void)info;
	(void)err;
	if (state) {
		free(dry->state);
		dry->state = eii_strdup(state);
	}
	*out_result = EII_PING_ANSWERED;
	*out_state = eii_strdup(dry->state);
	return EII_OK;
}

static enum eii_rc dry_read_state(struct eii_platform_port *self, char **out_state,
				  struct eii_error *err)
{
	(void)err;
	*out_state = eii_strdup(platform_of(self)->state);
	return EII_OK;
}

static enum eii_rc dry_queue_size(struct eii_platform_port *self, double *out_bytes,
				  struct eii_error *err)
{
	(void)self;
	(void)err;
	*out_bytes = 0;
	return EII_OK;
}

static enum eii_rc dry_work_open(struct eii_platform_port *self, const char *name,
				 char **out_work_id, struct eii_error *err)
{
	(void)self;
	(void)name;
	(void)err;
	*out_work_id = eii_strdup(WORK_ID);
	return EII_OK;
}

static enum eii_rc dry_work_expect(struct eii_platform_port *self, const char *work_id, uint32_t n,
				   struct eii_error *err)
{
	(void)self;
	(void)work_id;
	(void)n;
	(void)err;
	return EII_OK;
}

static enum eii_rc dry_work_report(struct eii_platform_port *self, const char *work_id,
				   const char *reason, struct eii_error *err)
{
	(void)self;
	(void)work_id;
	(void)reason;
	(void)err;
	return EII_OK;
}

static enum eii_rc dry_work_close(struct eii_platform_port *self, const char *work_id,
				  const char *message, enum eii_work_result result,
				  struct eii_error *err)
{
	(void)result;
	return dry_work_report(self, work_id, message, err);
}

static enum eii_rc dry_yes(struct eii_platform_port *self, const char *id, bool *out_yes,
			   struct eii_error *err)
{
	(void)self;
	(void)id;
	(void)err;
	*out_yes = true;
	return EII_OK;
}

struct eii_platform_port *eii_dry_platform_new(struct eii_platform *platform)
{
	struct dry_platform *dry = EII_NEW(struct dry_platform);

	dry->platform = platform;
	dry->base = (struct eii_platform_port){
		.do_register = dry_register,
		.ping = dry_ping,
		.read_state = dry_read_state,
		.queue_size = dry_queue_size,
		.work_open = dry_work_open,
		.work_expect = dry_work_expect,
		.work_report = dry_work_report,
		.work_close = dry_work_close,
		.work_alive = dry_yes,
		.has_identity = dry_yes,
		.has_marking = dry_yes,
	};
	return &dry->base;
}

void eii_dry_platform_free(struct eii_platform_port *port)
{
	if (!port)
		return;
	free(platform_of(port)->state);
	free(port);
}

/* ---- the queue --------------------------------------------------------- */

#define MAX_OUTCOMES 1024 /* more than publish has under way */

struct dry_queue {
	struct eii_queue_port base; /* first */
	FILE *stream;
	bool is_open;
	uint64_t sent[MAX_OUTCOMES]; /* a ring of numbers to confirm */
	size_t first, n;
};

static struct dry_queue *queue_of(struct eii_queue_port *self)
{
	return (struct dry_queue *)self;
}

static enum eii_rc dry_open(struct eii_queue_port *self, struct eii_error *err)
{
	(void)err;
	queue_of(self)->is_open = true;
	return EII_OK;
}

static bool dry_is_open(struct eii_queue_port *self)
{
	return queue_of(self)->is_open;
}

static int dry_fd(struct eii_queue_port *self)
{
	(void)self;
	return -1;
}

static enum eii_rc dry_pump(struct eii_queue_port *self, struct eii_error *err)
{
	(void)self;
	(void)err;
	return EII_OK;
}

static bool dry_next_outcome(struct eii_queue_port *self, struct eii_send_outcome *out)
{
	struct dry_queue *dry = queue_of(self);

	if (dry->n == 0)
		return false;
	*out = (struct eii_send_outcome){ .number = dry->sent[dry->first],
					  .result = EII_SEND_CONFIRMED };
	dry->first = (dry->first + 1) % MAX_OUTCOMES;
	dry->n--;
	return true;
}

static bool dry_is_blocked(struct eii_queue_port *self)
{
	return queue_of(self)->n == MAX_OUTCOMES;
}

static uint64_t dry_message_bytes(struct eii_queue_port *self, const char *work_id,
				  uint64_t bundle_bytes)
{
	struct eii_features features = eii_features_newest();
	struct eii_envelope envelope = { .work_id = work_id, .features = &features };

	(void)self;
	return eii_envelope_size(&envelope, bundle_bytes);
}

static enum eii_rc dry_send(struct eii_queue_port *self, const struct eii_outgoing *outgoing,
			    struct eii_error *err)
{
	struct dry_queue *dry = queue_of(self);
	struct eii_stream_sink sink;
	enum eii_rc rc;

	dry->sent[(dry->first + dry->n++) % MAX_OUTCOMES] = outgoing->number;
	if (!outgoing->report || outgoing->index > 0)
		return EII_OK;
	eii_stream_sink_init(&sink, dry->stream);
	rc = eii_report_write_object(outgoing->report, &sink.base, err);
	if (!rc)
		rc = eii_sink_write(&sink.base, "\n", 1, err);
	return rc;
}

static void dry_close(struct eii_queue_port *self)
{
	struct dry_queue *dry = queue_of(self);

	(void)fflush(dry->stream);
	dry->is_open = false;
	dry->n = 0;
}

struct eii_queue_port *eii_dry_queue_new(FILE *stream)
{
	struct dry_queue *dry = EII_NEW(struct dry_queue);

	dry->stream = stream;
	dry->base = (struct eii_queue_port){
		.open = dry_open,
		.is_open = dry_is_open,
		.fd = dry_fd,
		.pump = dry_pump,
		.next_outcome = dry_next_outcome,
		.is_blocked = dry_is_blocked,
		.message_bytes = dry_message_bytes,
		.send = dry_send,
		.close = dry_close,
	};
	return &dry->base;
}
