/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <stddef.h>

#define WAIT_MAX_MS 3600000

/* ---- response codes ---------------------------------------------------- */

/*
 * RFC 5530, section 3, but for ALERT (RFC 3501), THROTTLED and WEBALERT
 * (Gmail). UNCLEAR: says something else, and not for how long.
 */
static const struct {
	const char *name;
	enum eii_imap_code code;
	enum eii_imap_refusal_kind kind;
} codes[] = {
	{ "ALERT", EII_IMAP_CODE_ALERT, EII_IMAP_REFUSAL_UNCLEAR },
	{ "AUTHENTICATIONFAILED", EII_IMAP_CODE_AUTHENTICATIONFAILED,
	  EII_IMAP_REFUSAL_FINAL_CREDENTIALS },
	{ "AUTHORIZATIONFAILED", EII_IMAP_CODE_AUTHORIZATIONFAILED,
	  EII_IMAP_REFUSAL_FINAL_CREDENTIALS },
	{ "CANNOT", EII_IMAP_CODE_CANNOT, EII_IMAP_REFUSAL_UNCLEAR },
	{ "CLIENTBUG", EII_IMAP_CODE_CLIENTBUG, EII_IMAP_REFUSAL_UNCLEAR },
	{ "CONTACTADMIN", EII_IMAP_CODE_CONTACTADMIN, EII_IMAP_REFUSAL_UNCLEAR },
	{ "CORRUPTION", EII_IMAP_CODE_CORRUPTION, EII_IMAP_REFUSAL_UNCLEAR },
	{ "EXPIRED", EII_IMAP_CODE_EXPIRED, EII_IMAP_REFUSAL_FINAL_CREDENTIALS },
	{ "EXPUNGEISSUED", EII_IMAP_CODE_EXPUNGEISSUED, EII_IMAP_REFUSAL_UNCLEAR },
	{ "INUSE", EII_IMAP_CODE_INUSE, EII_IMAP_REFUSAL_PASSING },
	{ "LIMIT", EII_IMAP_CODE_LIMIT, EII_IMAP_REFUSAL_PASSING },
	{ "NONEXISTENT", EII_IMAP_CODE_NONEXISTENT, EII_IMAP_REFUSAL_FINAL_NO_FOLDER },
	{ "NOPERM", EII_IMAP_CODE_NOPERM, EII_IMAP_REFUSAL_UNCLEAR },
	/* Gmail: the account's bandwidth of the day, not its room (RFC 5530). */
	{ "OVERQUOTA", EII_IMAP_CODE_OVERQUOTA, EII_IMAP_REFUSAL_PASSING },
	{ "PRIVACYREQUIRED", EII_IMAP_CODE_PRIVACYREQUIRED, EII_IMAP_REFUSAL_UNCLEAR },
	{ "SERVERBUG", EII_IMAP_CODE_SERVERBUG, EII_IMAP_REFUSAL_PASSING },
	{ "THROTTLED", EII_IMAP_CODE_THROTTLED, EII_IMAP_REFUSAL_PASSING },
	{ "UNAVAILABLE", EII_IMAP_CODE_UNAVAILABLE, EII_IMAP_REFUSAL_PASSING },
	{ "WEBALERT", EII_IMAP_CODE_WEBALERT, EII_IMAP_REFUSAL_FINAL_CREDENTIALS },
};

enum eii_imap_code eii_imap_code_of(struct eii_text name)
{
	if (!name.len)
		return EII_IMAP_CODE_NONE;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (eii_text_equal_nocase(name, eii_text_of(codes[i].name)))
			return codes[i].code;
	}
	return EII_IMAP_CODE_OTHER;
}

static enum eii_imap_refusal_kind kind_of_code(enum eii_imap_code code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code == code)
			return codes[i].kind;
	}
	return EII_IMAP_REFUSAL_UNCLEAR;
}

/* ---- words ------------------------------------------------------------- */

/* Found in any case, anywhere. Behind each: who writes it, and where that was reported. */
static const char *const passing_words[] = {
	"throttled",            /* Exchange: ikvk/imap_tools#135, imapsync/imapsync#198 */
	"backoff time",         /* Exchange: imapsync/imapsync#272, email-oauth2-proxy#191 */
	"too many",             /* Gmail, connections: home-assistant#155699; nextcloud/mail#9156 */
	"rate limit",           /* Yahoo: postalsys/imapflow#75 */
	"server unavailable",   /* Exchange: lefcha/imapfilter#146, OfflineIMAP#291 */
	"service unavailable",  /* iCloud: s1t5/mail-archiver#414 */
	"temporar",             /* Dovecot's source; iCloud; Gmail "Temporary System Problem" */
	"try again later",      /* Yahoo: ikvk/imap_tools#229, joeyates/imap-backup#218 */
	"server error",         /* Yahoo: jstedfast/MailKit#358 */
	"command or bandwidth", /* Gmail: ljmerza/ha-email-sensor#16, emailjs-imap-client#60 */
	"bandwidth limit",      /* Gmail: the same, other wording */
	"quota exceeded",       /* transfer quotas, as Gmail's */
	"maximum number of",    /* Dovecot's source, connections: parsedmarc#179 */
	"system error",         /* Gmail; mailpile/Mailpile#2242 */
	"internal error",       /* Dovecot: imapsync/imapsync#346 */
	"shutting down",        /* Dovecot; Stalwart: stalwartlabs/stalwart#280 */
	"session expired",      /* Gmail: imapsync, FAQ on Gmail */
	"accesstokenexpired",   /* Exchange: aioimaplib#83, joeyates/imap-backup#198 */
	"connection closed",    /* Exchange: jstedfast/MailKit#849 */
	"connection is closed", /* Exchange on-premises, after its idle time */
	"idle for too long",    /* Yandex: jstedfast/MailKit#938 */
	"inactivity",           /* Dovecot's source: "Disconnected for inactivity" */
	"waiting for lock",     /* Dovecot's source: mbox and index locks */
};

static const char *const credential_words[] = {
	"invalid credentials",           /* Gmail: mscdex/node-imap#826; Yandex, Yahoo */
	"invalid user name or password", /* hMailServer's source */
	"application-specific password", /* Gmail: himalaya#58, mailcore2#975 */
	"application password is",       /* mail.ru: an application's password is required */
	"web login required",            /* Gmail: smiley22/S22.Imap#116, mailcore2#876 */
	"via your web browser",          /* Gmail: pmengal/MailSystem.NET#17 */
	"via a web browser",             /* outlook.com: MailCore/mailcore2#1314 */
	"not enabled for imap",          /* Gmail: IMAP is off in the account's settings */
	"imap access is disabled",       /* Google Workspace: off by the administrator */
	"imap is disabled",              /* Yandex: Foundry376/Mailspring#2111, #904 */
	"yet to enable imap",            /* Zoho: off in the mailbox, or by its administrator */
	"basicauthblocked",              /* Exchange Online: passwords are not taken any more */
};

/*
 * Known, and on purpose in neither list: "AUTHENTICATE failed", "LOGIN failed"
 * (Exchange, for wrong passwords and for passing faults alike: MailKit#483,
 * #849), "User is authenticated but not connected" (Exchange: no right, other
 * identity, IMAP off, or a passing fault: email-oauth2-proxy#74, node-imap#523),
 * "Command Argument Error" (Exchange), "Unsafe Login" (Coremail, without ID).
 */

static bool has_one_of(struct eii_text words, const char *const *patterns, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		for (size_t i = 0; i < words.len; i++) {
			if (eii_text_starts_nocase(eii_text(words.data + i, words.len - i),
						   patterns[k]))
				return true;
		}
	}
	return false;
}

#define HAS_ONE_OF(words, patterns)                                                                \
	has_one_of(words, patterns, sizeof(patterns) / sizeof((patterns)[0]))

enum eii_imap_refusal_kind eii_imap_judge(enum eii_imap_code code, struct eii_text words)
{
	enum eii_imap_refusal_kind kind = kind_of_code(code);

	if (kind == EII_IMAP_REFUSAL_PASSING || HAS_ONE_OF(words, passing_words))
		return EII_IMAP_REFUSAL_PASSING;
	if (kind == EII_IMAP_REFUSAL_UNCLEAR && HAS_ONE_OF(words, credential_words))
		return EII_IMAP_REFUSAL_FINAL_CREDENTIALS;
	return kind;
}

uint32_t eii_imap_wait_told(struct eii_text words)
{
	static const char mark[] = "Suggested Backoff Time: ";
	const char *at = eii_text_find(words, mark);
	uint64_t n = 0;

	if (!at)
		return 0;
	at += sizeof(mark) - 1;
	for (; at < words.data + words.len && eii_is_ascii_digit(*at) && n < WAIT_MAX_MS; at++)
		n = n * 10 + (uint64_t)(*at - '0');
	return n < WAIT_MAX_MS ? (uint32_t)n : WAIT_MAX_MS;
}
