// The map as a picture, and on paper: with its title, legend and sources, and every area in it.

const PICTURE_MARGIN = 16;
const PAPER = { width: 1500, height: 1000 }; // about A4 across

const settled = () => new Promise((resolve) => { map.once('idle', resolve); map.triggerRepaint(); });

// What the map's own canvas shows can only be read while it is drawn.
function mapPicture() {
  return new Promise((resolve) => {
    map.once('render', () => {
      const canvas = map.getCanvas();
      const [copy, pen] = canvasOf(canvas.width, canvas.height, 1);
      pen.drawImage(canvas, 0, 0);
      drawLabels(map);
      pen.drawImage($('labels'), 0, 0, canvas.width, canvas.height);
      resolve(copy);
    });
    map.triggerRepaint();
  });
}

// The picture of all areas, on a page of its own size; the view is afterwards what it was.
async function wholePicture() {
  const stage = $('stage');
  const before = { centre: map.getCenter(), zoom: map.getZoom() };
  const legend = $('legend');
  const wasOpen = legend.open;
  legend.open = false;
  Object.assign(stage.style, { position: 'fixed', left: '0', top: '0', width: `${PAPER.width}px`, height: `${PAPER.height}px`, zIndex: '5' });
  map.resize();
  map.fitBounds(boundsOfAll(), { padding: 40, animate: false });
  await settled();
  const picture = await mapPicture();
  const pixel_m = metresOfPixel();
  for (const name of ['position', 'left', 'top', 'width', 'height', 'zIndex']) stage.style[name] = '';
  legend.open = wasOpen;
  map.resize();
  map.jumpTo({ center: before.centre, zoom: before.zoom });
  return withFrame(picture, pixel_m);
}

// Title above, legend and sources below the map.
function withFrame(picture, pixel_m) {
  const scale = picture.width / PAPER.width;
  const rows = legendTexts();
  const [title, foot] = [46, 30 + 22 * Math.ceil(rows.length / 3) + 24];
  const height = picture.height / scale + title + foot;
  const [canvas, pen] = canvasOf(PAPER.width, Math.round(height), scale);
  pen.fillStyle = '#ffffff';
  pen.fillRect(0, 0, PAPER.width, height);
  pen.fillStyle = '#1f2430';
  pen.font = `600 22px ${FACES}`;
  const title_ = `${$('title').textContent}${scenario.plan && chosen.after ? ` · ${scenario.plan.title[lang]}` : ''}`;
  pen.fillText(title_, PICTURE_MARGIN, 31);
  const beside = PICTURE_MARGIN + pen.measureText(title_).width + 16;
  pen.font = `13px ${FACES}`;
  pen.fillStyle = '#525866';
  pen.fillText($('subtitle').textContent, beside, 31, Math.max(1, PAPER.width - PICTURE_MARGIN - beside));
  pen.drawImage(picture, 0, title, PAPER.width, picture.height / scale);
  drawScale(pen, pixel_m, title + picture.height / scale - 14);
  drawLegendTexts(pen, rows, title + picture.height / scale + 28);
  pen.fillStyle = '#525866';
  pen.font = `13px ${FACES}`;
  pen.fillText(`${card.about.credit[lang]} · ${say('text_made', { time: momentText(card.about.made_at), version: card.about.version })}`, PICTURE_MARGIN, height - 12);
  return canvas;
}

const FACES = '"Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';

// How long a round number of metres is on this picture, and where north is.
function drawScale(pen, pixel_m, foot) {
  const most = 160 * pixel_m;
  const ten = 10 ** Math.floor(Math.log10(most));
  const metres = [5, 2, 1].map((n) => n * ten).find((n) => n <= most);
  const long = metres / pixel_m;
  const [x, y] = [PICTURE_MARGIN, foot];
  const text = `${metres < 1000 ? say('metres', { n: metres }) : say('kilometres', { n: metres / 1000 })} · ${say('north_up')}`;
  pen.font = `13px ${FACES}`;
  pen.fillStyle = 'rgba(255,255,255,.85)';
  pen.fillRect(x - 6, y - 26, Math.max(long, pen.measureText(text).width) + 12, 34);
  pen.strokeStyle = pen.fillStyle = '#1f2430';
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(x, y - 6); pen.lineTo(x, y); pen.lineTo(x + long, y); pen.lineTo(x + long, y - 6);
  pen.stroke();
  pen.fillText(text, x, y - 11);
}

// The legend as it stands on the map: its sample and its words, row by row.
function legendTexts() {
  return [...document.querySelectorAll('#legend-rows h2, #legend-rows .key:not(.signs), #legend-rows .signs > span')].map((row) => ({
    sample: row.querySelector('canvas'), mark: row.dataset.status, text: row.textContent.trim(), head: row.tagName === 'H2',
  }));
}

function drawLegendTexts(pen, rows, top) {
  const column = (PAPER.width - 2 * PICTURE_MARGIN) / 3;
  pen.strokeStyle = '#767676';
  pen.lineWidth = 1;
  const tall = Math.ceil(rows.length / 3);
  rows.forEach(({ sample, mark: sign, text, head }, k) => {
    const [x, y] = [PICTURE_MARGIN + column * Math.floor(k / tall), top + 22 * (k % tall)];
    if (sample) {
      const part = Math.min(1, 60 / sample.width, 40 / sample.height) / 2;
      const [wide, high] = [sample.width * part, sample.height * part];
      pen.drawImage(sample, x, y - 5 - high / 2, wide, high);
      if (sample.className === 'swatch') pen.strokeRect(x, y - 5 - high / 2, wide, high);
    }
    if (sign) drawMark(pen, sign, x, y - 13, 16);
    pen.fillStyle = '#1f2430';
    pen.font = `${head ? '600 ' : ''}14px ${FACES}`;
    pen.fillText(text, head ? x : x + 38, y);
  });
}

async function savePicture() {
  if (!map) return;
  const canvas = await wholePicture();
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
  const link = el('a', { href: URL.createObjectURL(blob), download: `${$('title').textContent}.png` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

async function printPicture() {
  if (!map) return;
  const canvas = await wholePicture();
  $('paper').src = canvas.toDataURL('image/png');
  await $('paper').decode();
  window.print();
}
