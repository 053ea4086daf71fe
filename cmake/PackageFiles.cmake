# SPDX-License-Identifier: Apache-2.0
# Run by cpack between installation and packing: what only the package holds.
set(eii_debian "${CPACK_EII_SOURCE_DIR}/deploy/debian")
set(eii_root "${CPACK_TEMPORARY_DIRECTORY}")
set(eii_doc "${eii_root}/usr/share/doc/email-intel-imap")
set(EII_RELEASE_NAME "${CPACK_EII_RELEASE_NAME}")
set(ENV{LC_ALL} C) # names of days and months
string(TIMESTAMP EII_PACKAGE_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC) # SOURCE_DATE_EPOCH where it is set

# file(INSTALL) would put them below DESTDIR, which cpack has set.
file(MAKE_DIRECTORY "${eii_root}/etc/email-intel-imap" "${eii_root}/usr/share/lintian/overrides")
file(COPY_FILE "${eii_debian}/common.env" "${eii_root}/etc/email-intel-imap/common.env")
file(COPY_FILE "${eii_debian}/lintian-overrides"
	"${eii_root}/usr/share/lintian/overrides/email-intel-imap")
configure_file("${eii_debian}/changelog.in" "${eii_doc}/changelog.Debian" @ONLY)
execute_process(COMMAND gzip -9nf "${eii_doc}/changelog.Debian"
	"${eii_root}/usr/share/man/man1/email-intel-imap.1" COMMAND_ERROR_IS_FATAL ANY)
file(CHMOD "${eii_root}/etc/email-intel-imap/common.env"
	"${eii_root}/usr/share/lintian/overrides/email-intel-imap"
	PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
