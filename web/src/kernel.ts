// Everything the lazily loaded parts share with the first page. Each of them imports this file, so that all of it is
// bundled into exactly one file (shared.js) with a name that stays, and nothing is loaded twice.
import "preact/hooks";
import "@preact/signals";
import "./fx/effects";
import "./fx/sound";
import "./i18n/errors";
import "./i18n/play";
import "./net/handover";
import "./net/session";
import "./lobby/GameFields";
import "./lobby/defaults";
import "./room/Bar";
import "./room/Note";
import "./room/Requests";
import "./room/LazySheets";
import "./store/act";
import "./store/preaction";
import "./store/room";
import "./store/router";
import "./store/settings";
import "./table/keyboard";
import "./table/Log";
import "./table/Table";
import "./table/Banner";
import "./ui/lazy";
import "./ui/parts";
import "./ui/forms";
