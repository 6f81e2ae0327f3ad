"use strict";

/* A copy of the records is sent to the box, however long that takes; then the page says what it would cost. */
acm.restore = {
  choose() {
    const chosen = document.createElement("input");
    chosen.type = "file";
    chosen.accept = ".db,application/octet-stream,application/vnd.sqlite3";
    chosen.onchange = () => chosen.files[0] && this.send(chosen.files[0]);
    chosen.click();
  },

  send(file) {
    const said = document.getElementById("restore-status"), call = new XMLHttpRequest();
    call.open("POST", "/manage/files/restore");
    call.setRequestHeader("X-CSRF-Token", acm.csrf());
    call.setRequestHeader("Content-Type", "application/octet-stream");
    call.upload.onprogress = (event) => {
      const percent = String(Math.floor((100 * event.loaded) / Math.max(1, event.total)));
      said.textContent = percent === "100" ? said.dataset.looking : said.dataset.coming.replace("{percent}", percent);
    };
    call.onload = () => {
      if (call.status === 200) return location.reload();
      said.textContent = call.responseText.slice(0, 300) || said.dataset.failed;
    };
    call.onerror = () => (said.textContent = said.dataset.failed);
    call.send(file);
  },
};
