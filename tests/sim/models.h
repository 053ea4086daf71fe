/* SPDX-License-Identifier: Apache-2.0 */
/* What the models of a world offer to its loop and to each other. */
#ifndef SIM_MODELS_H
#define SIM_MODELS_H

#include "world.h"

/* ---- process.c: the core's life, and the glue of its drivers ------------ */
/* How often a fact was told in a phase, over all worlds. */
extern uint64_t sim_reached[EII_PHASE_STOP + 1][EII_FACTS];
void sim_process_start(struct sim_world *world);
void sim_process_kill(struct sim_world *world);
void sim_process_stop(struct sim_world *world);
/* Tells the core, unless it is another life by now; then carries out what it orders. */
void sim_tell(struct sim_world *world, uint32_t life, struct eii_fact *fact);
struct eii_fact sim_fact(const struct sim_world *world, enum eii_fact_type type, uint64_t order);
struct eii_fact sim_failure(const struct sim_world *world, enum eii_fact_type type, uint64_t order,
			    enum eii_failure_kind kind);
uint64_t sim_process_held(const struct sim_world *world);

/* ---- mailbox.c ---------------------------------------------------------- */
void sim_mailbox_make(struct sim_world *world);
void sim_mailbox_order(struct sim_world *world, const struct eii_order *order);
void sim_mailbox_step(struct sim_world *world, uint32_t turn);
void sim_mailbox_cut(struct sim_world *world);
void sim_mailbox_forget(struct sim_world *world); /* the process is gone */
void sim_mailbox_heal(struct sim_world *world);

/* The order under way goes on, or meets its end, after ms. */
void sim_mailbox_goes_on(struct sim_world *world, int64_t ms);
/* The order under way is answered; or refused; or its session is gone, and each is. */
void sim_mailbox_answer(struct sim_world *world, struct eii_fact *fact);
void sim_mailbox_refuse(struct sim_world *world);
void sim_mailbox_die(struct sim_world *world, enum eii_failure_kind kind);

/* ---- bodies.c: what a FETCH brings -------------------------------------- */
void sim_bodies_step(struct sim_world *world);

/* ---- folders.c: several of them, which come, go, and get other names ----- */
void sim_folders_make(struct sim_world *world);
void sim_folders_fault(struct sim_world *world, enum sim_fault fault);
void sim_folders_spell_ends(struct sim_world *world, enum sim_fault fault);
/* The one of that name that is there; NULL: none. No name: that of the setting. */
struct sim_folder *sim_folders_named(struct sim_world *world, const char *name);
/* One that is there, by the chance of FOLDERS; where there is one, that. */
struct sim_folder *sim_folders_some(struct sim_world *world);
bool sim_folders_is_refused(const struct sim_world *world, const struct sim_folder *folder);
bool sim_folders_withholds(const struct sim_world *world, const struct sim_folder *folder);
/* The order under way is answered: by the list; or the folder that it names is refused. */
void sim_folders_list(struct sim_world *world);
void sim_folders_glance(struct sim_world *world);
void sim_folders_refuse(struct sim_world *world, const struct eii_order *order);

/* ---- push.c: a server that announces mails -------------------------------- */
void sim_push_start(struct sim_world *world, struct sim_pending *pending);
void sim_push_step(struct sim_world *world, struct sim_pending *pending);
void sim_push_came(struct sim_world *world); /* a mail, into the folder that is open */

/* ---- folder.c: what happens to mails on the server ---------------------- */
void sim_folder_make(struct sim_world *world);
void sim_folder_arrive(struct sim_world *world);
/* The next mail of the plan, which comes to be what the caller makes of it; NULL: none is left. */
struct sim_mail *sim_folder_next(struct sim_world *world);
void sim_folder_put_in(struct sim_world *world, struct sim_folder *folder, struct sim_mail *mail);
void sim_folder_take_out(struct sim_world *world, struct sim_folder *folder, uint32_t at);
void sim_folder_empty(struct sim_world *world, struct sim_folder *folder);
void sim_folder_fault(struct sim_world *world, enum sim_fault fault);
/* That mail of the folder; NULL: it has none of that UID, or is NULL itself. */
struct sim_mail *sim_folder_find(struct sim_world *world, const struct sim_folder *folder,
				 uint32_t uid);
/* Walks the folders that exist: NULL = the first; NULL at the end. */
struct sim_folder *sim_folder_each(struct sim_world *world, const struct sim_folder *last);
/* Sizes and dates: a chunk was asked for, and what was told of it. */
void sim_folder_asked(struct sim_world *world, const struct eii_order *order);
void sim_folder_listed(struct sim_world *world, const struct eii_fact *fact);

/* ---- broker.c ----------------------------------------------------------- */
void sim_broker_order(struct sim_world *world, const struct eii_order *order);
void sim_broker_dials(struct sim_world *world, uint32_t turn);
void sim_broker_takes(struct sim_world *world, uint32_t at, uint32_t turn);
void sim_broker_tells(struct sim_world *world, uint32_t at, uint32_t turn);
void sim_broker_link_dies(struct sim_world *world, uint32_t link);
void sim_broker_cut(struct sim_world *world);
void sim_broker_forget(struct sim_world *world);
void sim_broker_fault(struct sim_world *world, enum sim_fault fault);
void sim_broker_alarm_ends(struct sim_world *world);
void sim_broker_put(struct sim_world *world, const struct sim_message *message);
void sim_broker_purge(struct sim_world *world);

/* ---- worker.c: what the platform's workers make of the queue ------------ */
/* A message is gone that the broker had confirmed. */
void sim_worker_lose(struct sim_world *world, const struct sim_message *message);
void sim_worker_takes(struct sim_world *world);
void sim_manager_looks(struct sim_world *world);
struct sim_report *sim_report_find(struct sim_world *world, uint16_t plain, uint16_t ms);
void sim_worker_import(struct sim_world *world, const struct sim_message *message, uint16_t work);

/* ---- platform.c --------------------------------------------------------- */
void sim_platform_order(struct sim_world *world, const struct eii_order *order);
void sim_platform_acts(struct sim_world *world, uint32_t at, uint32_t turn);
void sim_platform_answers(struct sim_world *world, uint32_t at, uint32_t turn);
void sim_platform_cut(struct sim_world *world);
void sim_platform_forget(struct sim_world *world);
void sim_platform_fault(struct sim_world *world, enum sim_fault fault);
void sim_platform_store(struct sim_world *world, const char *text);
void sim_platform_act(struct sim_world *world, struct sim_call *call); /* effects.c */
uint16_t sim_work_of(const struct sim_world *world, const char *id);

/* ---- others.c: analysts, the official connector, twin and foreign ------- */
void sim_others_fault(struct sim_world *world, enum sim_fault fault);
void sim_twin_pings(struct sim_world *world);
void sim_foreign_pings(struct sim_world *world);
void sim_official_runs(struct sim_world *world);

/* ---- converter.c -------------------------------------------------------- */
void sim_converter_order(struct sim_world *world, const struct eii_order *order);
void sim_converter_done(struct sim_world *world, uint32_t turn);
void sim_converter_drop(struct sim_world *world, uint16_t slot);
void sim_converter_forget(struct sim_world *world);

/* ---- trace.c ------------------------------------------------------------ */
extern bool sim_trace_is_on;
const char *sim_fact_name(enum eii_fact_type type);
void sim_trace_fact(const struct sim_world *world, const struct eii_fact *fact);
void sim_trace_order(const struct sim_world *world, const struct eii_order *order);
__attribute__((format(printf, 2, 3))) void sim_trace(const struct sim_world *world,
						     const char *format, ...);

#endif
