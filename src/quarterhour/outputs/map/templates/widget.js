// The page in a frame of a notebook, and its scenario on both sides.

function render({ model, el }) {
  const frame = document.createElement('iframe');
  frame.title = 'electronic map 电子地图';
  frame.setAttribute('sandbox', 'allow-scripts allow-downloads');
  frame.style.cssText = `width:100%;height:${model.get('height_px')}px;border:1px solid #999`;
  let known = ''; // what the page has said, or was told, last
  const tell = () => {
    const scenario = model.get('told');
    if (JSON.stringify(scenario) === known) return;
    known = JSON.stringify(scenario);
    frame.contentWindow.postMessage({ quarterhour: 'set', scenario }, '*');
  };
  const hear = ({ source, data }) => {
    if (source !== frame.contentWindow || !data || !data.quarterhour) return;
    if (data.quarterhour === 'ready' && model.get('told').features.length) tell();
    if (data.quarterhour !== 'scenario') return;
    known = JSON.stringify(data.scenario);
    model.set('told', data.scenario);
    model.save_changes();
  };
  window.addEventListener('message', hear);
  model.on('change:told', tell);
  frame.srcdoc = model.get('page');
  el.append(frame);
  return () => {
    window.removeEventListener('message', hear);
    model.off('change:told', tell);
  };
}

export default { render };
