/* SPDX-License-Identifier: Apache-2.0 */
/* What the run's two files share: its phases, and what it leaves behind. */
#ifndef EII_CORE_RUN_PRIVATE_H
#define EII_CORE_RUN_PRIVATE_H

#include "core_private.h"

/* Nothing is under way: the place goes back for core->back's reason. */
void eii_course_return(struct eii_core *core);

/* What has not been accounted for is not waited for any more. */
void eii_course_let_go(struct eii_core *core);

/* Nothing is under way: everything begins with a first window. */
void eii_course_forget_place(struct eii_core *core);

#endif
