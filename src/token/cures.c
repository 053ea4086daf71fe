/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eii/token/login.h"
#include "token_private.h"

/* At a login a person sits there who may click: the way to it, not a setting's name. */
struct cure {
	const char *error;      /* its word; NULL = whichever */
	unsigned long codes[6]; /* AADSTS numbers; none = whichever */
	const char *words;
};

#define CONSOLE "Google Cloud console, Google Auth Platform, "
#define ENTRA   "Entra admin center, App registrations, the application, "

static const struct cure google_cures[] = {
	{ "redirect_uri_mismatch",
	  { 0 },
	  "the client is not of the type Desktop app: " CONSOLE "Clients, Create client, "
	  "application type Desktop app, and download its JSON" },
	{ "access_denied",
	  { 0 },
	  "consent was not given; where the browser says that the app is being tested: " CONSOLE
	  "Audience, Test users, add the mailbox" },
	{ "admin_policy_enforced",
	  { 0 },
	  "the Workspace does not trust the client: Admin console, Security, API controls, Manage "
	  "app access, configure the client's id as Trusted" },
	{ "org_internal",
	  { 0 },
	  "the client is for users of its own Workspace: sign in as one of them, or " CONSOLE
	  "Audience, make external" },
	{ "invalid_client",
	  { 0 },
	  "the client is unknown or its secret is wrong: " CONSOLE
	  "Clients, download the JSON of the Desktop client anew" },
	{ "deleted_client", { 0 }, "the client was deleted: " CONSOLE "Clients, Create client" },
	{ "disabled_client", { 0 }, "the client is disabled: " CONSOLE "Clients, enable it" },
	{ "unauthorized_client",
	  { 0 },
	  "the client may not do this: " CONSOLE
	  "Clients, Create client, application type Desktop app" },
	{ "invalid_scope",
	  { 0 },
	  "the mail scope is not allowed: " CONSOLE "Data Access, add https://mail.google.com/" },
	{ "restricted_client",
	  { 0 },
	  "the mail scope is not allowed: " CONSOLE "Data Access, add https://mail.google.com/" },
	{ "disallowed_useragent", { 0 }, "open the address in a browser of its own" },
	{ "invalid_grant",
	  { 0 },
	  "the code was used already or is too old, or the clock is wrong: begin again" },
};

static const struct cure microsoft_cures[] = {
	{ NULL,
	  { 7000218, 700025, 70002 },
	  "the application does not allow the device code: " ENTRA
	  "Authentication, Allow public client flows: Yes" },
	{ NULL,
	  { 700016, 7000229, 7000112, 70001 },
	  "no such application in this tenant, or it is disabled: compare --client and --tenant "
	  "with " ENTRA "Overview" },
	{ NULL,
	  { 90002, 90038, 900382, 50194, 9001023 },
	  "compare --tenant with " ENTRA "Overview, Directory (tenant) ID; in a national cloud set "
	  "EMAIL_INTEL_IMAP_AUTHORITY" },
	{ NULL, { 50059 }, "name the tenant: --tenant with its id" },
	{ NULL,
	  { 65001, 90094, 900941, 90008, 90095 },
	  "consent is missing: " ENTRA "API permissions, Grant admin consent" },
	{ NULL,
	  { 500011, 650052, 650057, 70011, 28002 },
	  "the permission is missing: " ENTRA "API permissions, Add, Microsoft Graph, Delegated "
	  "permissions: IMAP.AccessAsUser.All and offline_access, then Grant admin consent" },
	{ NULL,
	  { 53003, 53000, 53001, 530032, 530035 },
	  "the tenant's policy forbids it, perhaps the device code itself: Entra admin center, "
	  "Conditional Access, the policies with the condition Authentication flows: exempt the "
	  "user while you sign in" },
	{ NULL,
	  { 50105 },
	  "the user is not assigned to the application: Entra admin center, Enterprise "
	  "applications, the application, Users and groups" },
	{ NULL, { 70016, 70018, 70019 }, "the code is wrong or too old: begin again" },
	{ NULL,
	  { 50034, 50020, 50057, 50053 },
	  "the user is unknown in this tenant, a guest, disabled or locked: sign in as the "
	  "mailbox's owner" },
	{ "unauthorized_client", { 0 }, "compare --client and --tenant with " ENTRA "Overview" },
	{ "bad_verification_code", { 0 }, "the code is not known any more: begin again" },
};

static bool has_code(const struct cure *cure, uint64_t code)
{
	for (const unsigned long *c = cure->codes; *c; c++) {
		if (*c == code)
			return true;
	}
	return !cure->codes[0];
}

const char *eii_token_login_cure(enum eii_token_method method, const char *error, uint64_t code)
{
	bool is_google = method == EII_TOKEN_GOOGLE_USER;
	const struct cure *cures = is_google ? google_cures : microsoft_cures;
	size_t n = is_google ? sizeof(google_cures) / sizeof(google_cures[0])
			     : sizeof(microsoft_cures) / sizeof(microsoft_cures[0]);

	for (size_t i = 0; i < n; i++) {
		if ((!cures[i].error || strcmp(cures[i].error, error) == 0) &&
		    has_code(&cures[i], code))
			return cures[i].words;
	}
	return NULL;
}

const char *eii_login_google_cure(const char *error)
{
	return eii_token_login_cure(EII_TOKEN_GOOGLE_USER, error, 0);
}
