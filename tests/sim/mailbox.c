/* SPDX-License-Identifier: Apache-2.0 */
/* The IMAP server as its driver shows it: one order after the other. */
#include <string.h>

#include "models.h"

#define SECOND INT64_C(1000)
#define DAY_S  86400
#define HONEST 4         /* searches after one that lied */
#define CUT    INT64_MIN /* a deadline that has passed in any case */

static struct sim_pending *first(struct sim_world *world)
{
	return &world->mailbox.pending[0];
}

/* The order under way goes on, or meets its end, after ms. */
void sim_mailbox_goes_on(struct sim_world *world, int64_t ms)
{
	const struct sim_pending *pending = first(world);
	int64_t left_ms = pending->order.deadline_ms - world->now_ms;

	if (ms > left_ms)
		ms = left_ms > 0 ? left_ms : 0;
	sim_later(world, ms, SIM_MAILBOX_STEPS, pending->turn, 0);
}

static void start(struct sim_world *world)
{
	int64_t ms = sim_pace(world, world->plan.mailbox_ms);

	if (sim_strikes(world, SIM_FAULT_MAILBOX_SLOW))
		ms = sim_chance_log(&world->per_fault[SIM_FAULT_MAILBOX_SLOW], 5 * SECOND,
				    600 * SECOND);
	sim_mailbox_goes_on(world, ms);
}

static void take_slots(struct sim_world *world, const struct eii_order *order)
{
	struct sim_process *process = &world->process;

	for (uint16_t i = 0; i < order->fetch.n; i++) {
		const struct eii_fetch_item *item = &order->fetch.items[i];
		struct sim_slot *slot = &process->slots[item->slot];
		const struct sim_mail *mail =
			sim_folder_find(world, world->mailbox.open, item->uid);
		uint64_t granted = item->granted_bytes;

		if (order->fetch.head_bytes && order->fetch.head_bytes < granted)
			granted = order->fetch.head_bytes;
		process->held_bytes -= slot->granted + slot->held;
		*slot = (struct sim_slot){ .is_used = true, .uid = item->uid, .granted = granted };
		slot->mail = mail ? (uint16_t)(mail - world->mails) : SIM_NONE;
		process->held_bytes += granted;
	}
}

void sim_mailbox_order(struct sim_world *world, const struct eii_order *order)
{
	struct sim_mailbox *mailbox = &world->mailbox;
	struct sim_pending *pending;

	if (mailbox->n_pending == 2 ||
	    (mailbox->n_pending == 1 &&
	     (order->type != EII_ORDER_FETCH || first(world)->order.type != EII_ORDER_FETCH))) {
		sim_fail(world, "one-order", "mailbox: a second order while one is under way");
		return;
	}
	pending = &mailbox->pending[mailbox->n_pending++];
	pending->order = *order;
	pending->turn = ++mailbox->turn;
	pending->next = 0;
	pending->n = 0;
	pending->dies_ms = pending->lies_ms = 0;
	pending->is_mute = false;
	if (order->type == EII_ORDER_FETCH) {
		pending->n = order->fetch.n;
		memcpy(pending->items, order->fetch.items, pending->n * sizeof(*pending->items));
		take_slots(world, order);
	}
	if (order->type == EII_ORDER_SIZES)
		sim_folder_asked(world, order);
	if (order->type == EII_ORDER_WATCH)
		sim_push_start(world, pending);
	else if (mailbox->n_pending == 1)
		start(world);
}

/* ---- answers ------------------------------------------------------------- */

/* What was granted and not used is free again when its FETCH is over. */
static void give_back(struct sim_world *world, const struct sim_pending *pending)
{
	for (uint16_t i = 0; i < pending->n; i++) {
		struct sim_slot *slot = &world->process.slots[pending->items[i].slot];

		if (!slot->is_used || slot->uid != pending->items[i].uid)
			continue;
		world->process.held_bytes -= slot->granted;
		slot->granted = 0;
	}
}

void sim_mailbox_answer(struct sim_world *world, struct eii_fact *fact)
{
	struct sim_mailbox *mailbox = &world->mailbox;

	give_back(world, first(world));
	mailbox->n_pending--;
	if (mailbox->n_pending) {
		mailbox->pending[0] = mailbox->pending[1];
		start(world);
	}
	sim_tell(world, world->process.life, fact);
}

/* A failed SIZES names the UIDs that it asked for. */
static void name_asked(struct sim_world *world, const struct eii_order *order,
		       struct eii_fact *fact, struct eii_size_info *infos)
{
	const struct sim_mailbox *mailbox = &world->mailbox;

	if (order->type != EII_ORDER_SIZES)
		return;
	fact->sizes.infos = infos;
	for (uint32_t i = 0; i < mailbox->n_list && fact->sizes.n < order->sizes.max; i++) {
		if (mailbox->list[i] > order->sizes.after)
			infos[fact->sizes.n++] = (struct eii_size_info){ .uid = mailbox->list[i] };
	}
}

/* The session is gone: each order under way is answered. */
void sim_mailbox_die(struct sim_world *world, enum eii_failure_kind kind)
{
	struct sim_mailbox *mailbox = &world->mailbox;
	uint32_t life = world->process.life;
	uint32_t n = mailbox->n_pending;
	struct eii_size_info infos[EII_CORE_CHUNK_MAILS];
	struct eii_order orders[2];

	for (uint32_t i = 0; i < n; i++) {
		give_back(world, &mailbox->pending[i]);
		orders[i] = mailbox->pending[i].order;
	}
	mailbox->has_session = false;
	mailbox->n_pending = 0;
	for (uint32_t i = 0; i < n; i++) {
		struct eii_fact fact =
			sim_failure(world, EII_FACT_MAILBOX_FAILED, orders[i].number, kind);

		name_asked(world, &orders[i], &fact, infos);
		sim_tell(world, life, &fact);
	}
}

void sim_mailbox_refuse(struct sim_world *world)
{
	struct eii_fact fact = sim_failure(world, EII_FACT_MAILBOX_FAILED,
					   first(world)->order.number, EII_FAILURE_PASSING);
	struct eii_size_info infos[EII_CORE_CHUNK_MAILS];

	name_asked(world, &first(world)->order, &fact, infos);
	fact.failure.lives = true;
	sim_mailbox_answer(world, &fact);
}

static struct eii_folder_view view_now(struct sim_world *world)
{
	const struct sim_folder *folder = world->mailbox.open;
	struct eii_folder_view view = { folder->uidvalidity, folder->uidnext, folder->n };

	if (sim_strikes(world, SIM_FAULT_UIDNEXT_WRONG_ONCE))
		view.uidnext = sim_chance_below(&world->chance, 2) ? UINT32_MAX : 1000;
	if (sim_is_on(world, SIM_FAULT_UIDNEXT_STUCK)) {
		view.uidnext = world->plan.seed & 1 ? UINT32_MAX : 5000;
		sim_struck(world, SIM_FAULT_UIDNEXT_STUCK);
	}
	if (sim_is_on(world, SIM_FAULT_UIDNEXT_ABSENT)) {
		view.uidnext = 0;
		sim_struck(world, SIM_FAULT_UIDNEXT_ABSENT);
	}
	return view;
}

/* With the folder that is open now. */
static void tell_folder(struct sim_world *world)
{
	struct sim_mailbox *mailbox = &world->mailbox;
	const struct eii_order *order = &first(world)->order;
	bool is_open = order->type == EII_ORDER_OPEN;
	struct eii_fact fact = sim_fact(
		world, is_open ? EII_FACT_MAILBOX_OPENED : EII_FACT_MAILBOX_LOOKED, order->number);

	if (!is_open && !order->look.is_fresh && sim_is_on(world, SIM_FAULT_NOOP_SILENT))
		sim_struck(world, SIM_FAULT_NOOP_SILENT);
	else {
		mailbox->seen = view_now(world);
		mailbox->open->looked_s = sim_unix_s(world);
		mailbox->n_come = 0;
	}
	if (mailbox->seen.uidnext == mailbox->open->uidnext)
		mailbox->open->is_back = false;
	fact.folder = mailbox->seen;
	sim_mailbox_answer(world, &fact);
}

static void search(struct sim_world *world)
{
	struct sim_mailbox *mailbox = &world->mailbox;
	const struct eii_order *order = &first(world)->order;
	struct eii_fact fact = sim_fact(world, EII_FACT_MAILBOX_SEARCHED, order->number);

	mailbox->n_list = 0;
	fact.search.has_answer = true;
	if (sim_strikes(world, SIM_FAULT_SEARCH_NO_ANSWER)) {
		fact.search.has_answer = false;
		sim_mailbox_answer(world, &fact);
		return;
	}
	for (uint32_t i = 0; i < mailbox->open->n; i++) {
		const struct sim_mail *mail = &world->mails[mailbox->open->mails[i]];

		if (mail->uid < order->search.first)
			continue;
		/* Days, as the server has them. */
		if (order->search.since_unix_s != EII_ORDER_SEARCH_ALL &&
		    mail->date_s / DAY_S < order->search.since_unix_s / DAY_S)
			continue;
		mailbox->list[mailbox->n_list++] = mail->uid;
	}
	/* Seen once, not as a habit. */
	if (mailbox->n_honest)
		mailbox->n_honest--;
	else if (mailbox->n_list && sim_strikes(world, SIM_FAULT_SEARCH_EMPTY)) {
		mailbox->n_honest = HONEST;
		mailbox->n_list = 0;
	}
	fact.search.n = mailbox->n_list;
	if (mailbox->n_list) {
		fact.search.lowest = mailbox->list[0];
		fact.search.highest = mailbox->list[mailbox->n_list - 1];
	}
	sim_mailbox_answer(world, &fact);
}

static void sizes(struct sim_world *world)
{
	struct sim_mailbox *mailbox = &world->mailbox;
	const struct eii_order *order = &first(world)->order;
	struct eii_fact fact = sim_fact(world, EII_FACT_MAILBOX_SIZES, order->number);
	struct eii_size_info infos[EII_CORE_CHUNK_MAILS];
	uint32_t i = 0;

	while (i < mailbox->n_list && mailbox->list[i] <= order->sizes.after)
		i++;
	for (; i < mailbox->n_list && fact.sizes.n < order->sizes.max; i++) {
		struct sim_mail *mail =
			sim_folder_find(world, world->mailbox.open, mailbox->list[i]);
		struct eii_size_info *info = &infos[fact.sizes.n++];

		*info = (struct eii_size_info){ .uid = mailbox->list[i] };
		if (!mail)
			continue;
		if (mail->is_deadly_size) {
			sim_struck(world, SIM_FAULT_SIZE_DEADLY);
			sim_mailbox_die(world, EII_FAILURE_UNREACHABLE);
			return;
		}
		info->has_size = !sim_strikes(world, SIM_FAULT_SIZE_MISSING);
		info->has_date = !sim_strikes(world, SIM_FAULT_DATE_MISSING);
		info->size_bytes = info->has_size ? mail->told_size : 0;
		info->internal_unix_s = info->has_date ? mail->date_s : 0;
	}
	fact.sizes.infos = infos;
	fact.sizes.is_end = i == mailbox->n_list;
	sim_folder_listed(world, &fact);
	sim_mailbox_answer(world, &fact);
}

static void find(struct sim_world *world)
{
	const struct eii_order *order = &first(world)->order;
	struct eii_fact fact = sim_fact(world, EII_FACT_MAILBOX_FOUND, order->number);

	fact.yes = sim_folder_find(world, world->mailbox.open, order->find.uid) != NULL;
	sim_mailbox_answer(world, &fact);
}

/* ---- the order of turn goes on ------------------------------------------- */

static void answer_close(struct sim_world *world)
{
	struct eii_fact fact = sim_fact(world, EII_FACT_MAILBOX_CLOSED, first(world)->order.number);

	world->mailbox.has_session = false;
	sim_mailbox_answer(world, &fact);
}

/* In the place of the one that was open; false: the server refuses it. */
static bool examine(struct sim_world *world, const char *name)
{
	struct sim_mailbox *mailbox = &world->mailbox;
	struct sim_folder *folder = sim_folders_named(world, name);

	mailbox->open = NULL;
	if (!folder || sim_folders_is_refused(world, folder))
		return false;
	mailbox->open = mailbox->worked = folder;
	return true;
}

/* Where there are several, the first session opens none: their list is asked for first. */
static void open_without_folder(struct sim_world *world)
{
	struct eii_fact fact = sim_fact(world, EII_FACT_MAILBOX_OPENED, first(world)->order.number);

	world->mailbox.has_session = true;
	world->mailbox.open = NULL;
	sim_mailbox_answer(world, &fact);
}

static void open(struct sim_world *world)
{
	const char *name = first(world)->order.open.folder;

	if (sim_is_on(world, SIM_FAULT_SIGN_IN_REFUSED)) {
		sim_mailbox_die(world, EII_FAILURE_CREDENTIALS);
	} else if (!name && world->plan.has[SIM_FAULT_FOLDERS]) {
		open_without_folder(world);
	} else if (sim_is_on(world, SIM_FAULT_FOLDER_MISSING)) {
		sim_mailbox_die(world, EII_FAILURE_CONFIG);
	} else if (examine(world, name)) {
		world->mailbox.has_session = true;
		tell_folder(world);
	} else {
		sim_folders_refuse(world, &first(world)->order);
	}
}

static void look(struct sim_world *world)
{
	const struct eii_order *order = &first(world)->order;

	/* A NOOP tells of the folder that is open, and a refused EXAMINE leaves none open. */
	if (!order->look.is_fresh && !world->mailbox.open)
		sim_mailbox_refuse(world);
	else if (order->look.is_fresh && !examine(world, order->look.folder))
		sim_folders_refuse(world, order);
	else
		tell_folder(world);
}

/* What the order needs is not open, or is not there any more. */
static bool is_without_folder(const struct sim_world *world, const struct eii_order *order)
{
	const struct sim_folder *folder = world->mailbox.open;
	bool needs = order->type != EII_ORDER_OPEN && order->type != EII_ORDER_LIST &&
		     order->type != EII_ORDER_LOOK && order->type != EII_ORDER_GLANCE;

	needs = needs || (order->type == EII_ORDER_LOOK && !order->look.is_fresh && folder);
	return needs && (!folder || !folder->exists);
}

static void carry_out(struct sim_world *world)
{
	switch (first(world)->order.type) {
	case EII_ORDER_OPEN:
		open(world);
		break;
	case EII_ORDER_LIST:
		sim_folders_list(world);
		break;
	case EII_ORDER_LOOK:
		look(world);
		break;
	case EII_ORDER_SEARCH:
		search(world);
		break;
	case EII_ORDER_SIZES:
		sizes(world);
		break;
	case EII_ORDER_FIND:
		find(world);
		break;
	case EII_ORDER_GLANCE:
		sim_folders_glance(world);
		break;
	case EII_ORDER_WATCH:
		sim_push_step(world, first(world));
		break;
	default:
		sim_bodies_step(world);
		break;
	}
}

static void refuse_any(struct sim_world *world, enum eii_order_type type)
{
	if (type == EII_ORDER_OPEN) {
		sim_mailbox_die(world, EII_FAILURE_PASSING);
		return;
	}
	if (type == EII_ORDER_LOOK && first(world)->order.look.folder)
		world->mailbox.open = NULL;
	sim_mailbox_refuse(world);
}

void sim_mailbox_step(struct sim_world *world, uint32_t turn)
{
	struct sim_mailbox *mailbox = &world->mailbox;
	enum eii_order_type type = first(world)->order.type;

	if (!mailbox->n_pending || first(world)->turn != turn)
		return;
	if (world->now_ms >= first(world)->order.deadline_ms) {
		sim_mailbox_die(world, first(world)->order.deadline_ms == CUT
					       ? EII_FAILURE_CUT
					       : EII_FAILURE_UNREACHABLE);
	} else if (type == EII_ORDER_CLOSE) {
		answer_close(world);
	} else if (sim_is_on(world, SIM_FAULT_MAILBOX_DOWN) ||
		   (type != EII_ORDER_OPEN && !mailbox->has_session) ||
		   is_without_folder(world, &first(world)->order) ||
		   sim_strikes(world, SIM_FAULT_SESSION_LOST)) {
		sim_mailbox_die(world, EII_FAILURE_UNREACHABLE);
	} else if (sim_is_on(world, SIM_FAULT_THROTTLED) ||
		   (first(world)->next == 0 && sim_strikes(world, SIM_FAULT_REFUSED_ONCE))) {
		refuse_any(world, type);
	} else {
		carry_out(world);
	}
}

void sim_mailbox_cut(struct sim_world *world)
{
	struct sim_mailbox *mailbox = &world->mailbox;

	for (uint32_t i = 0; i < mailbox->n_pending; i++)
		mailbox->pending[i].order.deadline_ms = CUT;
	if (mailbox->n_pending) {
		first(world)->turn = ++mailbox->turn;
		sim_later(world, 0, SIM_MAILBOX_STEPS, first(world)->turn, 0);
	}
}

void sim_mailbox_forget(struct sim_world *world)
{
	world->mailbox.n_pending = 0;
	world->mailbox.has_session = false;
}
