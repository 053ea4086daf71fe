/* SPDX-License-Identifier: Apache-2.0 */
#include "file_type_table.h"

#define OOXML "application/vnd.openxmlformats-officedocument."
#define ODF   "application/vnd.oasis.opendocument."

const struct eii_file_type eii_file_types[] = {
	/* text */
	{ "text/plain", NULL, "txt text conf def list log in ini", EII_FILE_TEXT, false },
	{ "text/csv", "application/csv text/x-csv text/comma-separated-values", "csv",
	  EII_FILE_TEXT, false },
	{ "text/tab-separated-values", NULL, "tsv", EII_FILE_TEXT, false },
	{ "text/markdown", "text/x-markdown", "md markdown", EII_FILE_TEXT, false },
	{ "text/html", NULL, "html htm shtml", EII_FILE_HTML, false },
	{ "application/xhtml+xml", NULL, "xhtml xht", EII_FILE_HTML, false },
	{ "application/xml", "text/xml", "xml xsl xsd rng", EII_FILE_XML, false },
	{ "application/json", "text/json", "json map", EII_FILE_TEXT, false },
	{ "text/yaml", "application/yaml application/x-yaml text/x-yaml", "yaml yml", EII_FILE_TEXT,
	  false },
	{ "text/calendar", NULL, "ics ifb", EII_FILE_TEXT, false },
	{ "text/vcard", "text/x-vcard", "vcard vcf", EII_FILE_TEXT, false },
	{ "message/rfc822", NULL, "eml mime mht mhtml", EII_FILE_TEXT, false },
	{ "image/svg+xml", NULL, "svg", EII_FILE_HTML, false },
	{ "text/javascript", "application/javascript application/x-javascript", "js mjs",
	  EII_FILE_TEXT, false },
	{ "application/x-sh", "text/x-sh application/x-shellscript text/x-shellscript", "sh",
	  EII_FILE_TEXT, false },
	{ "text/x-python", "application/x-python", "py", EII_FILE_TEXT, false },
	{ "application/x-bat", "application/bat application/x-msdos-batch", "bat cmd",
	  EII_FILE_TEXT, false },
	{ "application/hta", NULL, "hta", EII_FILE_HTML, false },

	/* documents */
	{ "application/pdf", "application/x-pdf application/acrobat text/pdf text/x-pdf", "pdf",
	  EII_FILE_PDF, false },
	{ "application/rtf", "text/rtf text/richtext application/x-rtf", "rtf", EII_FILE_RTF,
	  false },
	{ "application/postscript", NULL, "ps eps ai", EII_FILE_POSTSCRIPT, false },
	{ "application/msword", "application/vnd.ms-word application/doc application/x-msword",
	  "doc dot", EII_FILE_OLE, true },
	{ "application/vnd.ms-excel",
	  "application/excel application/x-excel application/msexcel "
	  "application/x-msexcel",
	  "xls xlt xla xlm xlw", EII_FILE_OLE, true },
	{ "application/vnd.ms-powerpoint", "application/mspowerpoint application/powerpoint",
	  "ppt pps pot", EII_FILE_OLE, true },
	{ "application/vnd.ms-outlook", "application/x-msg", "msg", EII_FILE_OLE, false },
	{ "application/x-msi", "application/x-ms-installer", "msi", EII_FILE_OLE, false },
	{ "application/x-ole-storage", "application/cdfv2", "ole", EII_FILE_OLE, true },
	{ OOXML "wordprocessingml.document", NULL, "docx", EII_FILE_ZIP, true },
	{ OOXML "wordprocessingml.template", NULL, "dotx", EII_FILE_ZIP, true },
	{ OOXML "spreadsheetml.sheet", NULL, "xlsx", EII_FILE_ZIP, true },
	{ OOXML "spreadsheetml.template", NULL, "xltx", EII_FILE_ZIP, true },
	{ OOXML "presentationml.presentation", NULL, "pptx", EII_FILE_ZIP, true },
	{ OOXML "presentationml.slideshow", NULL, "ppsx", EII_FILE_ZIP, true },
	{ OOXML "presentationml.template", NULL, "potx", EII_FILE_ZIP, true },
	{ "application/vnd.ms-word.document.macroenabled.12", NULL, "docm", EII_FILE_ZIP, true },
	{ "application/vnd.ms-word.template.macroenabled.12", NULL, "dotm", EII_FILE_ZIP, true },
	{ "application/vnd.ms-excel.sheet.macroenabled.12", NULL, "xlsm", EII_FILE_ZIP, true },
	{ "application/vnd.ms-excel.sheet.binary.macroenabled.12", NULL, "xlsb", EII_FILE_ZIP,
	  true },
	{ "application/vnd.ms-excel.template.macroenabled.12", NULL, "xltm", EII_FILE_ZIP, true },
	{ "application/vnd.ms-excel.addin.macroenabled.12", NULL, "xlam", EII_FILE_ZIP, true },
	{ "application/vnd.ms-powerpoint.presentation.macroenabled.12", NULL, "pptm", EII_FILE_ZIP,
	  true },
	{ "application/vnd.ms-powerpoint.slideshow.macroenabled.12", NULL, "ppsm", EII_FILE_ZIP,
	  true },
	{ ODF "text", NULL, "odt", EII_FILE_ZIP, false },
	{ ODF "spreadsheet", NULL, "ods", EII_FILE_ZIP, false },
	{ ODF "presentation", NULL, "odp", EII_FILE_ZIP, false },
	{ ODF "graphics", NULL, "odg", EII_FILE_ZIP, false },
	{ "application/epub+zip", NULL, "epub", EII_FILE_ZIP, false },
	{ "application/onenote", "application/msonenote", "one onetoc onetoc2 onepkg",
	  EII_FILE_ONENOTE, false },

	/* archives */
	{ "application/zip", "application/x-zip application/x-zip-compressed multipart/x-zip",
	  "zip", EII_FILE_ZIP, false },
	{ "application/java-archive", "application/x-java-archive", "jar war ear", EII_FILE_ZIP,
	  false },
	{ "application/vnd.android.package-archive", NULL, "apk", EII_FILE_ZIP, false },
	{ "application/gzip", "application/x-gzip", "gz tgz", EII_FILE_GZIP, false },
	{ "application/x-bzip2", "application/x-bzip application/bzip2", "bz2", EII_FILE_BZIP2,
	  false },
	{ "application/x-xz", NULL, "xz", EII_FILE_XZ, false },
	{ "application/x-7z-compressed", NULL, "7z", EII_FILE_7Z, false },
	{ "application/vnd.rar", "application/x-rar-compressed application/x-rar application/rar",
	  "rar", EII_FILE_RAR, false },
	{ "application/vnd.ms-cab-compressed", "application/x-cab", "cab", EII_FILE_CAB, false },
	{ "application/x-tar", NULL, "tar", EII_FILE_NOT_SEEN, false },
	{ "application/x-iso9660-image", NULL, "iso", EII_FILE_NOT_SEEN, false },

	/* pictures, sound, film */
	{ "image/png", "image/x-png", "png", EII_FILE_PNG, false },
	{ "image/jpeg", "image/jpg image/pjpeg image/jpe", "jpg jpeg jpe", EII_FILE_JPEG, false },
	{ "image/gif", NULL, "gif", EII_FILE_GIF, false },
	{ "image/webp", NULL, "webp", EII_FILE_WEBP, false },
	{ "image/tiff", "image/tif", "tif tiff", EII_FILE_TIFF, false },
	{ "image/bmp", "image/x-ms-bmp image/x-bmp", "bmp", EII_FILE_BMP, false },
	{ "image/heic", NULL, "heic", EII_FILE_ISO_MEDIA, false },
	{ "video/mp4", NULL, "mp4 mp4v mpg4 m4v", EII_FILE_ISO_MEDIA, false },
	{ "video/quicktime", NULL, "mov qt", EII_FILE_NOT_SEEN, false },
	{ "audio/mpeg", "audio/mp3", "mp3 mp2 mpga", EII_FILE_NOT_SEEN, false },
	{ "audio/wav", "audio/x-wav audio/wave", "wav", EII_FILE_RIFF, false },
	{ "video/x-msvideo", "video/avi", "avi", EII_FILE_RIFF, false },

	/* programs */
	{ "application/vnd.microsoft.portable-executable",
	  "application/x-msdownload application/x-msdos-program application/x-dosexec "
	  "application/exe application/x-exe",
	  "exe dll scr com pif cpl sys", EII_FILE_WINDOWS_PROGRAM, false },
	{ "application/x-executable", "application/x-elf application/x-sharedlib", "elf so",
	  EII_FILE_UNIX_PROGRAM, false },
	{ "application/x-ms-shortcut", NULL, "lnk", EII_FILE_SHORTCUT, false },
	{ "application/vnd.ms-htmlhelp", "application/x-chm", "chm", EII_FILE_WINDOWS_HELP, false },

	/* keys and seals */
	{ "application/pkcs7-mime", "application/x-pkcs7-mime", "p7m p7c", EII_FILE_NOT_SEEN,
	  false },
	{ "application/pkcs7-signature", "application/x-pkcs7-signature", "p7s", EII_FILE_NOT_SEEN,
	  false },
	{ "application/pgp-signature", NULL, "sig", EII_FILE_NOT_SEEN, false },
	{ "application/pgp-encrypted", NULL, "pgp", EII_FILE_NOT_SEEN, false },
	{ "application/pgp-keys", NULL, "asc", EII_FILE_NOT_SEEN, false },
	{ "application/ms-tnef", "application/vnd.ms-tnef", "dat", EII_FILE_NOT_SEEN, false },
	{ NULL, NULL, NULL, EII_FILE_NOT_SEEN, false },
};

const char eii_file_types_of_anything[] =
	"application/octet-stream application/octetstream application/octet binary/octet-stream "
	"application/binary application/unknown application/x-unknown "
	"application/x-unknown-content-type "
	"unknown/unknown application/x-download application/download application/force-download "
	"application/x-force-download application/save application/x-octet-stream "
	"application/file application/x-file application/x-octetstream";

const char eii_file_other_endings[] =
	"123 3g2 3gp aac abw ac acc ace afm aif aifc aiff air amr apng appcache "
	"appinstaller appx appxbundle arj asf asm asx atom au avcs avif azw b16 bin "
	"bpk buffer c cc cdf cdx cer cgm class coffee cpio cpp crl crt crx csh css cxx "
	"dae dbf dcm deb deploy der dib dir dist djv djvu dmg dmp dms drm dtd dts dump "
	"dvi dwf dwg dxf ecma elc emf emz eot exr f fbs fdf fig flac flv for gbr geo "
	"geojson gltf gml gpx gram gtar h hbs hdf heif hh hqx htc icc ico ief iges igs "
	"img ink ipynb java jng jnlp jp2 jpf jpg2 jpm jpx json5 jsonld jsx key kml kmz "
	"ksp latex less lha lua luac lzh m1v m2a m2v m3a m3u m3u8 m4a m4b m4p ma man "
	"mbox mdb mdi me mid midi mj2 mka mkv mng mobi mpe mpeg mpg mpkg mpp mpt ms "
	"msh msix msixbundle msp mts mxf nb nfo nsf numbers oda odb odc odf odi odm "
	"oga ogg ogv ogx opf opml opus org otc otf oth otp ots ott oxps p p10 p12 p7b "
	"p7r p8 pages pas pbm pcap pcl pcx pdb pem pfx pgm pgn php pic pkg pki pkpass "
	"pl pm pnm ppam ppm prc prf psd pub ram rdf rgb rm rmvb roff rpm rss rtx s "
	"sass scss sda sdc sdd sdw sgm sgml shar sit sitx sldm sldx slm sql srt srx "
	"step stl stp stw styl sub swf sxc sxi sxw t tcl tei tex texi texinfo tfm tga "
	"thmx toml torrent tr ts ttc ttf ttl u3d udeb uri uris urls uu vcd vcs vdi vhd "
	"vmdk vob vrml vsd vsdx vss vst vsw vtt wadl wasm wax wbmp wcm wdb weba webapp "
	"webm webmanifest wks wm wma wmd wmf wml wmv wmx wmz woff woff2 wpd wpl wps "
	"wri wrl wsdl x3d xap xbap xbm xlf xpi xpm xps xslt xspf xul xwd yang yin ymp";

const char *const eii_file_kind_types[EII_FILE_KINDS] = {
	[EII_FILE_TEXT] = "text/plain",
	[EII_FILE_HTML] = "text/html",
	[EII_FILE_XML] = "application/xml",
	[EII_FILE_PDF] = "application/pdf",
	[EII_FILE_RTF] = "application/rtf",
	[EII_FILE_POSTSCRIPT] = "application/postscript",
	[EII_FILE_OLE] = "application/x-ole-storage",
	[EII_FILE_ONENOTE] = "application/onenote",
	[EII_FILE_ZIP] = "application/zip",
	[EII_FILE_GZIP] = "application/gzip",
	[EII_FILE_BZIP2] = "application/x-bzip2",
	[EII_FILE_XZ] = "application/x-xz",
	[EII_FILE_7Z] = "application/x-7z-compressed",
	[EII_FILE_RAR] = "application/vnd.rar",
	[EII_FILE_CAB] = "application/vnd.ms-cab-compressed",
	[EII_FILE_PNG] = "image/png",
	[EII_FILE_JPEG] = "image/jpeg",
	[EII_FILE_GIF] = "image/gif",
	[EII_FILE_WEBP] = "image/webp",
	[EII_FILE_TIFF] = "image/tiff",
	[EII_FILE_BMP] = "image/bmp",
	[EII_FILE_ISO_MEDIA] = "video/mp4",
	[EII_FILE_RIFF] = "audio/wav",
	[EII_FILE_WINDOWS_PROGRAM] = "application/vnd.microsoft.portable-executable",
	[EII_FILE_UNIX_PROGRAM] = "application/x-executable",
	[EII_FILE_SHORTCUT] = "application/x-ms-shortcut",
	[EII_FILE_WINDOWS_HELP] = "application/vnd.ms-htmlhelp",
};
