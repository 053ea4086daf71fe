/* SPDX-License-Identifier: Apache-2.0 */
/* Where we stand in each folder, as a ping says it. */
#include "models.h"
#include "oracle.h"

#define DAY_S         86400
#define PINGS_BACK    3 /* the pings around a going-back that may show it */
#define FOREIGN_LOOKS 4 /* at its place, before it counts as never there when we looked */

/* It or the same mail elsewhere has been settled, or need not be. */
static bool is_settled(const struct sim_world *world, const struct sim_mail *mail)
{
	if (mail->is_old || mail->is_passed || mail->is_his || mail->is_aside || mail->no_report ||
	    mail->is_left_out)
		return true;
	for (uint32_t i = 0; i < world->plan.n_mails; i++) {
		const struct sim_mail *other = &world->mails[i];

		if (other->group == mail->group && (other->is_confirmed || other->is_found))
			return true;
	}
	return false;
}

static void check_passed(struct sim_world *world, const char *text, const struct sim_folder *folder,
			 const struct sim_state_view *view)
{
	if (view->uidvalidity != folder->uidvalidity)
		return;
	for (uint32_t i = 0; i < folder->n; i++) {
		const struct sim_mail *mail = &world->mails[folder->mails[i]];

		if (mail->uid > view->cursor)
			break;
		if (!is_settled(world, mail) && !mail->is_reused &&
		    !sim_state_has_aside(text, folder->key, mail->uid)) {
			sim_fail(world, "place-passes-settled-only",
				 "%s: cursor %u passes mail %u (UID %u)", folder->key, view->cursor,
				 folder->mails[i], mail->uid);
			return;
		}
	}
}

/* What was received before the official connector's last run counts as its own: it reads INBOX. */
void sim_oracle_take_over(struct sim_world *world)
{
	const struct sim_folder *inbox = &world->mailbox.folders[0];

	for (uint32_t i = 0; i < inbox->n; i++) {
		struct sim_mail *mail = &world->mails[inbox->mails[i]];

		mail->is_passed |= mail->date_s < world->oracle.official_s;
	}
}

/*
 * The first place of a numbering: what was in the folder by then and is older
 * than its window is none of ours.
 */
static void begin_numbering(struct sim_world *world, struct sim_folder *folder,
			    const struct sim_state_view *view)
{
	struct sim_place *place = &folder->place;
	int64_t window_s = sim_unix_s(world) - world->plan.start_period_s + DAY_S;

	if (world->oracle.official_s)
		sim_oracle_take_over(world);
	if (view->uidvalidity != folder->uidvalidity || view->uidvalidity == place->known_validity)
		return;
	if (view->is_bounded)
		place->known_validity = view->uidvalidity;
	sim_oracle_renumbered(world, folder);
	place->is_renumbering = place->is_renumbering && !view->is_bounded;
	for (uint32_t i = 0; i < folder->n; i++) {
		struct sim_mail *mail = &world->mails[folder->mails[i]];

		mail->is_passed |= mail->date_s < window_s;
	}
}

void sim_oracle_state_seen(struct sim_world *world, const char *text)
{
	struct sim_oracle *oracle = &world->oracle;
	uint64_t foreign = sim_state_foreign(text);

	if (foreign > oracle->foreign_seen)
		oracle->foreign_seen = foreign;
	oracle->n_state_looks += oracle->act != SIM_CHAOS;
}

/*
 * Another mailbox's place is kept as the last look has seen it. One that a ping
 * of ours has overwritten before each look is lost to us: what is asked for then
 * is that we looked.
 */
bool sim_oracle_keeps_foreign(const struct sim_world *world, uint64_t kept)
{
	const struct sim_oracle *oracle = &world->oracle;
	uint64_t wanted = world->platform.foreign_cursor;

	if (!world->platform.was_foreign || oracle->was_reset || kept >= wanted)
		return true;
	return oracle->foreign_seen < wanted && oracle->n_state_looks >= FOREIGN_LOOKS;
}

static void check_place(struct sim_world *world, const char *text, struct sim_folder *folder,
			const struct sim_state_view *view)
{
	struct sim_place *place = &folder->place;

	begin_numbering(world, folder, view);
	if (view->uidvalidity == place->cursor_validity && view->cursor < place->cursor &&
	    !world->oracle.may_go_back)
		sim_fail(world, "place-goes-on", "%s: cursor %u after %u", folder->key,
			 view->cursor, place->cursor);
	place->cursor = view->cursor;
	place->cursor_validity = view->uidvalidity;
	check_passed(world, text, folder, view);
}

void sim_oracle_ping(struct sim_world *world, const char *text)
{
	struct sim_oracle *oracle = &world->oracle;
	struct sim_mailbox *mailbox = &world->mailbox;
	struct sim_state_view views[SIM_FOLDERS];
	bool has[SIM_FOLDERS] = { false };
	bool has_any = false;

	oracle->foreign_kept = sim_state_foreign(text);
	for (uint32_t i = 0; i < mailbox->n_folders; i++) {
		has[i] = sim_state_read(text, mailbox->folders[i].key, &views[i]);
		has_any |= has[i];
	}
	if (has_any && oracle->may_go_back)
		oracle->may_go_back--;
	for (uint32_t i = 0; i < mailbox->n_folders; i++) {
		if (has[i])
			check_place(world, text, &mailbox->folders[i], &views[i]);
	}
}

/* The next place of the folder that goes out, or of all (NULL), may be a first one. */
void sim_oracle_begins_anew(struct sim_world *world, struct sim_folder *folder)
{
	struct sim_mailbox *mailbox = &world->mailbox;

	world->oracle.may_go_back = PINGS_BACK;
	for (uint32_t i = 0; i < mailbox->n_folders; i++) {
		if (folder && folder != &mailbox->folders[i])
			continue;
		mailbox->folders[i].place.known_validity = 0;
		/* Its turn, which shows that, may come much later. */
		if (world->plan.has[SIM_FAULT_FOLDERS])
			mailbox->folders[i].place.cursor_validity = 0;
	}
}

void sim_oracle_may_go_back(struct sim_world *world)
{
	world->oracle.may_go_back = PINGS_BACK;
}

uint32_t sim_oracle_n_aside(const struct sim_world *world)
{
	const struct sim_mailbox *mailbox = &world->mailbox;
	struct sim_state_view view;
	uint32_t n = 0;

	for (uint32_t i = 0; world->platform.has_state && i < mailbox->n_folders; i++) {
		if (mailbox->folders[i].exists &&
		    sim_state_read(world->platform.state, mailbox->folders[i].key, &view))
			n += view.n_aside;
	}
	return n;
}
