/**
 * What counts as a download by its name; the browser sends clicks on whatever is not a page, and the rest is dropped
 * here. As wide as the lists of other analytics: documents, books, archives, programs, sound, film, pictures, data.
 */
const EXTENSIONS = new Set(
  `pdf doc docx docm dot dotx odt ott rtf txt tex wpd wps pages epub mobi azw azw3 ibooks djvu
   xls xlsx xlsm xlsb ods csv tsv numbers ppt pptx pptm pps ppsx odp key odb odf odg vsd vsdx
   7z arc arj bz bz2 gz gzip hqx rar sea sit sitx tar tbz tbz2 tgz txz xz z zip zst lz lzma
   apk appimage bin deb dmg exe iso img jar msi msix msp pkg rpm snap war xpi torrent asc sig
   aac aif aiff flac m4a mid mp2 mp3 oga ogg opus ra ram wav wma
   3gp asf asx avi flv m4v mj2 mkv mov movie mp4 mpeg mpg ogv qt qtm swf webm wmv
   ai bmp eps gif heic jpeg jpg png psd raw svg tif tiff webp indd sketch fig dwg dxf step stp stl igs obj
   ics vcf json xml yaml yml sql sqlite kml gpx phps js ttf otf woff woff2`.split(/\s+/),
)

/** Whether a path names a file that is downloaded rather than read as a page. */
export function isDownload(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot > 0 && EXTENSIONS.has(name.slice(dot + 1).toLowerCase())
}
