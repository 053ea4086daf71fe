/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"

#include <strings.h>

const struct sim_fault_row sim_faults[SIM_FAULTS] = {
#define SIM_FAULT_ROW(name, kind, low, high) [SIM_FAULT_##name] = { #name, SIM_##kind, low, high },
	SIM_FAULT_TABLE(SIM_FAULT_ROW)
#undef SIM_FAULT_ROW
};

enum sim_fault sim_fault_find(const char *name)
{
	int i = 0;

	while (i < SIM_FAULTS && strcasecmp(sim_faults[i].name, name) != 0)
		i++;
	return (enum sim_fault)i;
}
