/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Levels of the Traffic Light Protocol (FIRST TLP 2.0, and the words of 1.0), from the least to
 * the most strict: of two the greater one binds.
 */
#ifndef EII_FIELDS_TLP_H
#define EII_FIELDS_TLP_H

enum eii_tlp {
	EII_TLP_NONE, /* not said; of a marking: another one */
	EII_TLP_CLEAR,
	EII_TLP_GREEN,
	EII_TLP_AMBER,
	EII_TLP_AMBER_STRICT,
	EII_TLP_RED,
};

#endif
