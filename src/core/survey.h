/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding out what is new, as a table of steps. No signal of the server is
 * believed alone: UIDNEXT only starts a look, a new numbering is asked for
 * twice, an empty answer that disagrees with another is asked for in another
 * way. Nothing here moves a place over a mail that was not seen.
 *
 *   step      asks                        then
 *   FOLDER    OPEN, or LOOK               what the folder says decides
 *   AGAIN     a fresh EXAMINE             the same again: it is so
 *   ALL       SEARCH all from 1           the window's boundary
 *   SINCE     SEARCH SINCE the window     a list below the boundary
 *   NEWEST    SEARCH the newest           does SINCE lie?
 *   NEWEST_SIZES  their dates
 *   LIST      SEARCH all above what was listed
 *   LISTING   SIZES, chunk by chunk
 *   DONE
 */
#ifndef EII_CORE_SURVEY_H
#define EII_CORE_SURVEY_H

#include "place.h"

#define EII_SURVEY_REAL_MS   (60 * 60 * 1000) /* a look without EXAMINE is not trusted longer */
#define EII_SURVEY_NOOPS     9                /* nor more often in a row */
#define EII_SURVEY_OTHERS_MS 60000            /* while only troubled mails are left */
#define EII_SURVEY_MARGIN_S  3600             /* of a window after a renumbering */

enum eii_survey_step {
	EII_SURVEY_IDLE,
	EII_SURVEY_FOLDER,
	EII_SURVEY_AGAIN,
	EII_SURVEY_ALL,
	EII_SURVEY_SINCE,
	EII_SURVEY_NEWEST,
	EII_SURVEY_NEWEST_SIZES,
	EII_SURVEY_LIST,
	EII_SURVEY_LISTING,
	EII_SURVEY_DONE,
};

struct eii_survey {
	int64_t begun_ms;
	enum eii_survey_step step;
	struct eii_folder_view folder;
	struct eii_folder_view back; /* UIDNEXT went back here, not decided yet; uidnext 0: no */
	bool is_denied;              /* the last EXAMINE since then says it is not so */
	bool is_decided; /* another numbering, found in mid-run: the next look begins anew */
	struct eii_folder_view denied;
	int64_t real_ms; /* of the last EXAMINE; 0 = none in this session */
	unsigned n_noops;
	bool is_old_part;    /* the list is of the window below its boundary */
	bool is_asked_again; /* an empty list that was not believed at once */
	bool does_since_lie;
	bool is_since_again;   /* what was to prove an empty one could not be had */
	uint32_t newest_first; /* where NEWEST begins */
	uint32_t newest_named; /* the highest UID that NEWEST has named below the boundary */
	uint32_t named;        /* the highest of the window so; 0 = none, or no longer believed */
	uint32_t n_found;      /* UIDs of the lists */
	uint32_t n_ours;       /* of these to be fetched */
};

void eii_survey_begin(struct eii_survey *survey);

/* The session is over: a list is asked for again in the next one. */
void eii_survey_lost(struct eii_survey *survey);

/* An EXAMINE outside of a look: that its UIDNEXT had gone back is not forgotten. */
void eii_survey_glance(struct eii_survey *survey, const struct eii_place *place,
		       const struct eii_folder_view *folder);

/* The next look is an EXAMINE. */
void eii_survey_doubt(struct eii_survey *survey);

/* The next order of this step; NONE: nothing to ask (LISTING is left to the caller). */
enum eii_order_type eii_survey_next(const struct eii_survey *survey);
void eii_survey_fill(struct eii_survey *survey, const struct eii_place *place,
		     const struct eii_pulse *pulse, struct eii_order *order);

enum eii_survey_news {
	EII_SURVEY_FINE,
	EII_SURVEY_RENUMBERED, /* all begins anew, with a window */
	EII_SURVEY_DISAGREES,  /* one answer of the server against another: tried again later */
};

/* A window begins only where no mail is under way: in the phase of a look. */
enum eii_survey_news eii_survey_folder(struct eii_survey *survey, struct eii_place *place,
				       struct eii_pulse *pulse,
				       const struct eii_folder_view *folder, enum eii_phase phase);
enum eii_survey_news eii_survey_searched(struct eii_survey *survey, struct eii_place *place,
					 const struct eii_fact *fact);
/* Of NEWEST_SIZES. */
void eii_survey_newest(struct eii_survey *survey, struct eii_place *place,
		       const struct eii_fact *fact);
/* They cannot be had of n mails: of fewer; of none, the search is asked once more. */
void eii_survey_newest_failed(struct eii_survey *survey, struct eii_place *place, uint16_t n);
/* The list of LISTING has come to its end. */
void eii_survey_list_ended(struct eii_survey *survey, struct eii_place *place);

#endif
