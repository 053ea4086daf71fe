/* SPDX-License-Identifier: Apache-2.0 */
/* The version of the build; CMake defines EII_VERSION from project(). */
#ifndef EII_APP_VERSION_H
#define EII_APP_VERSION_H

#ifndef EII_VERSION
#define EII_VERSION "unknown"
#endif

#endif
