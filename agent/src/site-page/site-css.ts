/**
 * The one style sheet of the technician's page: read in sunlight, used with gloves, on a phone.
 * Black on white at 18 px, targets of 48 px, nothing told by colour alone.
 */
export const SITE_CSS = `*{box-sizing:border-box}
body{margin:0;font:18px/1.4 system-ui,sans-serif;color:#000;background:#fff;-webkit-text-size-adjust:100%}
header{background:#000;color:#fff;padding:.6rem 1rem}
header a{color:#fff;display:inline-block;min-height:48px;padding:.6rem .8rem .6rem 0;font-weight:700}
nav{display:flex;justify-content:space-between;align-items:center}
nav button{width:auto;min-height:48px;margin:0;padding:.3rem .8rem;font-size:1rem;border-color:#fff;background:#000;color:#fff;overflow-wrap:anywhere}
header p{margin:.1rem 0;font-size:16px}
main{padding:0 1rem 3rem;max-width:42rem;margin:0 auto}
h1{font-size:1.6rem;margin:1rem 0 .3rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:1.6rem 0 .5rem;border-bottom:2px solid #000}
p{margin:.5rem 0}
.place{font-size:1.2rem;font-weight:700;margin:0}
.verdict{border:4px solid #000;padding:.8rem 1rem;margin:1rem 0;color:#fff}
.verdict strong{display:block;font-size:1.5rem}
.safe{background:#0b5d1e}
.unsafe{background:#9b0000}
.notice{border:3px solid #000;background:#fff6c2;padding:.6rem 1rem;margin:1rem 0;font-weight:700}
.trouble{border-left:8px solid #9b0000;padding:.4rem .8rem;margin:1rem 0;font-weight:700}
a{color:#00309b}
.button,button{display:flex;align-items:center;justify-content:center;width:100%;min-height:56px;margin:.6rem 0;padding:.7rem 1rem;font:700 1.1rem system-ui,sans-serif;text-align:center;text-decoration:none;border:3px solid #000;border-radius:6px;background:#fff;color:#000;cursor:pointer}
.main{background:#00309b;color:#fff}
.danger{background:#9b0000;color:#fff}
.pair{display:flex;gap:.6rem}
.pair>*{flex:1}
:focus-visible{outline:4px solid #ff9d00;outline-offset:2px}
label{display:block;font-weight:700;margin:.8rem 0 .2rem}
input,textarea{width:100%;min-height:56px;font:1.2rem ui-monospace,monospace;padding:.5rem .7rem;border:3px solid #000;border-radius:6px}
summary{min-height:48px;padding:.7rem 0;font-weight:700;cursor:pointer}
table{border-collapse:collapse;width:100%;table-layout:fixed;margin:.5rem 0}
th{font-size:15px;width:2.4rem;text-align:center;font-weight:700}
thead th{width:auto}
thead th:first-child{width:2.4rem}
td{border:3px solid #000;padding:0;vertical-align:top}
td a{display:block;min-height:56px;padding:.3rem .5rem;text-decoration:none;color:#000;overflow-wrap:anywhere;line-height:1.25}
td b{display:block}
td small,td.empty{font-size:15px}
td.empty{border-style:dashed;padding:.4rem .5rem;min-height:56px}
.u{background:#ffe0dc}
.p{background:#fff6c2}
.w{background:#dbe8ff}
.needs{list-style:none;padding:0}
.needs a{display:block;min-height:48px;padding:.7rem;border:3px solid #000;color:#000}
dl{margin:.5rem 0}
dt{font-weight:700;margin-top:.6rem}
dd{margin:0;overflow-wrap:anywhere}
ol,ul{padding-left:1.4rem;margin:.5rem 0}
li{margin:.35rem 0;overflow-wrap:anywhere}
.step{border:4px solid #00309b;padding:.2rem 1rem 1rem;margin:1rem 0}
.step h2{border:0;margin-top:.6rem}
`
