/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mails with random damage through the real converter in its real jail: each
 * is answered, none ends the child. What a library does once in thousands of
 * mails (a file looked for, a log written) shows here as SIGSYS.
 */
#include "eii/convert/converter.h"

#include <ftw.h>

#include "eii/base/alloc.h"
#include "eii/base/clock.h"
#include "support.h"

#define MUTATIONS      20000
#define MAIL_MAX_BYTES (64u * 1024)
#define MAILS_MAX      1000
#define TIME_MAX_MS    20000 /* a slow machine does fewer */
#define WINDOW         8

/* nftw() has no argument for its callback: the test's own list. */
static struct {
	char *data[MAILS_MAX];
	size_t len[MAILS_MAX];
	size_t n;
} mails;

/* Always the same sequence: xorshift64. */
static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);

static size_t random_below(size_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return n ? (size_t)(random_state % n) : 0;
}

static int add_mail(const char *path, const struct stat *st, int type, struct FTW *where)
{
	size_t n = strlen(path);
	FILE *file;

	(void)where;
	if (type != FTW_F || n < 4 || strcmp(path + n - 4, ".eml") != 0)
		return 0;
	if (mails.n == MAILS_MAX || st->st_size > (off_t)MAIL_MAX_BYTES || st->st_size == 0)
		return 0;
	file = fopen(path, "re");
	if (!file)
		return 0;
	mails.data[mails.n] = eii_calloc((size_t)st->st_size, 1);
	mails.len[mails.n] = fread(mails.data[mails.n], 1, (size_t)st->st_size, file);
	mails.n++;
	(void)fclose(file);
	return 0;
}

/* What breaks parsers: marks of MIME, headers and charsets where none belong. */
static const char *const pieces[] = {
	"\r\n",
	"\n\n",
	"--",
	"=?utf-8?B?",
	"?=",
	"=?iso-2022-jp?Q?=1B$B",
	"\xff\xfe",
	"=\r\n",
	"Content-Type: multipart/mixed; boundary=\"\"\r\n",
	"charset=ibm1047",
	"charset=\"utf-7\"",
	"Content-Transfer-Encoding: x-uuencode\r\n",
	"Date: Mon, 1 Jan 2024 10:00:00 +0170\r\n",
	"Date: 99 Foo 99999 99:99:99 -9999\r\n",
	"a:b,c:;",
	"<a@b",
	"begin 644 x\n",
	"(((((((",
	"Content-Type: message/rfc822\r\n\r\n",
	"filename*0*=x''%FF; filename*1=",
	"<script>",
	"<style>",
	"<!--",
	"&#x110000;",
	"cid:",
	"charset=unicode",
};

static size_t insert(char *mail, size_t len, size_t at, const char *data, size_t n)
{
	if (len + n > 2 * MAIL_MAX_BYTES)
		return len;
	memmove(mail + at + n, mail + at, len - at);
	memcpy(mail + at, data, n);
	return len + n;
}

static size_t cut_out(char *mail, size_t len, size_t at, size_t n)
{
	if (n > len - at)
		n = len - at;
	memmove(mail + at, mail + at + n, len - at - n);
	return len - n;
}

static size_t damage(char *mail, size_t len)
{
	size_t other = random_below(mails.n);
	size_t at = random_below(len);
	size_t from = random_below(mails.len[other]);
	const char *piece = pieces[random_below(ARRAY_LEN(pieces))];

	switch (random_below(5)) {
	case 0:
		if (len)
			mail[at] = (char)random_below(256);
		return len;
	case 1:
		return cut_out(mail, len, at, random_below(200));
	case 2:
		return insert(mail, len, at, mails.data[other] + from,
			      random_below(mails.len[other] - from));
	default:
		/* Twice as likely: these find the most. */
		return insert(mail, len, at, piece, strlen(piece));
	}
}

static size_t mutate(char *out)
{
	size_t pick = random_below(mails.n);
	size_t len = mails.len[pick];

	memcpy(out, mails.data[pick], len);
	for (size_t i = random_below(6) + 1; i > 0; i--)
		len = damage(out, len);
	return len;
}

struct run {
	struct eii_converter *conv;
	char *room[WINDOW]; /* the mails in flight; number % WINDOW */
	size_t len[WINDOW];
	uint64_t n_given;
	uint64_t n_taken;
};

/* Where the mail can be looked at: into the working folder. */
static void keep_mail(const struct run *run, uint64_t number)
{
	FILE *file = fopen("mutation.eml", "we");

	if (!file)
		return;
	(void)fwrite(run->room[number % WINDOW], 1, run->len[number % WINDOW], file);
	(void)fclose(file);
}

static void take_results(struct run *run)
{
	struct eii_conversion conversion;

	while (eii_converter_next(run->conv, &conversion)) {
		CHECK(conversion.number == run->n_taken, "number %d", (int)conversion.number);
		if (conversion.reason != EII_FALLBACK_NONE)
			keep_mail(run, conversion.number);
		CHECK(conversion.reason == EII_FALLBACK_NONE, "mutation %d (see mutation.eml): %s",
		      (int)conversion.number, conversion.detail);
		eii_fields_free(conversion.fields);
		run->n_taken++;
	}
}

static void wait_for_child(struct run *run)
{
	struct eii_error err = { 0 };
	struct pollfd fd;
	int64_t deadline_ms;

	eii_converter_poll(run->conv, &fd, &deadline_ms);
	(void)poll(&fd, 1, deadline_ms == INT64_MAX ? -1 : eii_clock_left_ms(deadline_ms));
	CHECK(eii_converter_advance(run->conv, eii_clock_monotonic_ms(), &err) == EII_OK, "%s",
	      err.text);
}

static void run_mutations(enum eii_content_mode content, uint64_t n)
{
	static const char *const names[] = { "application/pdf", "text/plain", "message/rfc822" };
	const struct eii_text types[] = { eii_text_of(names[0]), eii_text_of(names[1]),
					  eii_text_of(names[2]) };
	const struct eii_converter_options options = {
		.program = EII_CONVERTER_PROGRAM,
		.settings = { .content = content,
			      .attach_forwarded = true,
			      .inline_image_bytes = 512 * 1024,
			      .max_file_bytes = 16 * 1024 * 1024,
			      .types = types,
			      .n_types = ARRAY_LEN(types) },
		.window_mails = WINDOW,
	};
	EII_AUTO(eii_converter) conv = eii_converter_new(&options);
	struct run run = { .conv = conv };
	int64_t end_ms = eii_clock_monotonic_ms() + TIME_MAX_MS / 2;
	struct eii_error err = { 0 };

	for (size_t i = 0; i < WINDOW; i++)
		run.room[i] = eii_calloc(2 * MAIL_MAX_BYTES, 1);
	CHECK(eii_converter_start(conv, &err) == EII_OK, "%s", err.text);
	while (run.n_taken < n && eii_clock_monotonic_ms() < end_ms) {
		while (run.n_given < n && eii_converter_has_room(conv, 2 * MAIL_MAX_BYTES)) {
			size_t i = run.n_given % WINDOW;

			run.len[i] = mutate(run.room[i]);
			eii_converter_submit(conv, run.n_given++, eii_text(run.room[i], run.len[i]),
					     EII_SUBMIT_FULL);
		}
		wait_for_child(&run);
		take_results(&run);
	}
	CHECK(eii_converter_restarts(conv) == 0, "%d children ended",
	      (int)eii_converter_restarts(conv));
	CHECK(run.n_taken > 0, "nothing was converted");
	print_message("%d of %d mutations of %d mails\n", (int)run.n_taken, (int)n, (int)mails.n);
	eii_converter_drop(conv);
	for (size_t i = 0; i < WINDOW; i++)
		free(run.room[i]);
}

static void test_mutation__no_damaged_mail_ends_the_converter(void **state)
{
	(void)state;
	run_mutations(EII_CONTENT_SAFE, MUTATIONS / 2);
	run_mutations(EII_CONTENT_VERBATIM, MUTATIONS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mutation__no_damaged_mail_ends_the_converter),
	};
	int rc;

	(void)nftw(EII_TEST_DATA "/mail", add_mail, 16, FTW_PHYS);
	(void)nftw(EII_TEST_DATA "/fuzz/corpus/message", add_mail, 16, FTW_PHYS);
	(void)nftw(EII_SHARED_DIR "/golden/mails", add_mail, 16, FTW_PHYS);
	if (mails.n == 0) {
		print_message("no mails to damage\n");
		return 77;
	}
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < mails.n; i++)
		free(mails.data[i]);
	return rc;
}
