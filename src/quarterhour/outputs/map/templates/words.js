// What only this page says, in both languages. {x} is filled in. The words of statuses and reasons
// are those of every output: SHARED is written before this, from words.toml.

const WORDS = {
  zh: {
    language: 'English', lang_code: 'zh-CN',
    tab_plans: '方案', plan: '显示的方案', no_plan: '不显示', flip: '方案前后', before: '现状', after: '方案后',
    plan_hint: '用地图上方的两个按钮来回切换：颜色、标注和清单随之改变。', plan_still: '设施的图标、步行范围和“从此处步行”始终是现状。',
    plan_alone: '两份结果的社区或设施项目不同，不能在地图上切换。', plan_changes: '改动内容', plan_sites: '新增位置，多得的居民', plan_circles: '各服务圈',
    plan_note: '此方案：本社区多得至少一项 {gained}，失去至少一项 {lost}。', residents_n: '{n} 名居民', homes_n: '{n} 处住宅',
    legend_plan: '方案', plan_by_item: '受影响的设施项目（点选后在地图上前后对比）', legend_moved: '有人多得或失去的社区', legend_new: '新增或改动的位置', legend_centre: '服务圈中心', legend_ground: '服务圈范围', legend_left: '未划入的住宅', new_nearest: '最近：方案新增的 {name}',
    skip: '跳到列表和清单', panel: '列表和清单', views: '视图', map: '地图',
    tab_areas: '社区', tab_area: '清单', tab_here: '从此处步行', tab_about: '说明',
    sheet_down: '▾ 收起', sheet_up: '▴ 展开',
    search: '按社区名称搜索', group: '分组', item: '设施项目', more_filters: '筛选、图层与打印', all: '全部', all_items: '全部（达标比例）',
    whole_group: '该组全部设施项目', status_any: '显示至少有一项为下列状态的社区', status_item: '显示该设施项目为下列状态的社区',
    facilities: '地图上的设施', facilities_theme: '所选项目的设施', facilities_all: '全部', facilities_none: '不显示',
    order: '排序', order_worst: '达标比例低的在前', order_given: '按原顺序', order_name: '按名称',
    tiles: '在线底图（会访问 {host}）', no_answer: '没有回答',
    tiles_refused: '{host} 拒绝给出底图（{status}）：请检查密钥是否正确、是否允许本页使用，以及当日用量。', tiles_absent: '{host} 没有给出底图（{status}）：请检查网络；需要密钥的底图请检查密钥。',
    found: '{n} 个社区，共 {all} 个', more: '显示更多', none_found: '没有符合条件的社区。',
    unnamed: '未命名', unnamed_area: '社区 {n}',
    pick_area: '在地图或列表中选择一个社区，查看它的清单。',
    residents: '居民', people: '{n} 人', no_residents: '没有居民人数',
    items_met_share: '达标比例（已知设施项目，按权重）', nothing_known: '没有任何已知设施项目',
    items_both: '直接查见 + 仅由依托设施推定的达标比例（已知设施项目，按权重）', legend_rests: '含推定：不含则低一档以上',
    counts: '{met} 项达标 · {implied} 项推定 · {unmet} 项未达标 · {unknown} 项未知，共 {all} 项',
    edge_note: '{n} 项靠近数据边界：边界以外的设施可能改变结果。', edge: '靠近数据边界，可能改变',
    way_out: { open: '', gates: '居民经由已知的出入口离开小区。', wall_without_gate: '有围墙而没有已知的出入口：按可以直接离开计算。' },
    minutes: '{n} 分钟', metres: '{n} 米', kilometres: '{n} 公里', north_up: '上北下南', over: '超过 {n} 分钟', over_m: '超过 {n} 米', limit_min: '限 {n} 分钟', limit_m: '限 {n} 米',
    nearest: '最近：', nearest_known: '已知最近：', median: '居民步行时间中位数', at_least: '需 {n} 处',
    beyond: '{n} 名居民超出', all_within: '全部居民在步行限值内', homes_within: '{n} 的住宅在步行限值内', all_homes_within: '全部住宅在步行限值内',
    isochrones: '显示步行范围', from_area_centre: '从此社区的标注点步行', zoom_area: '缩放到此社区',
    no_isochrone: '此文件没有写入步行范围。',
    here_hint: '点击地图任意位置，或用键盘把地图中心移到该处后按此按钮。', here_centre: '从地图中心步行',
    here_at: '从所选位置步行 {n} 分钟内', here_none: '所选位置 {m} 米内没有可走的街道。',
    here_outside: '所选位置在数据范围之外。',
    here_count: '{items} / {all} 个设施项目，{n} 处设施', here_count_one: '{items} / {all} 个设施项目，{n} 处设施', here_count_item: '{n} 处', nothing_here: '未找到',
    here_unknown: '“未找到”不等于没有：地图数据可能缺少这类设施。',
    implied_short: '推定', show_all: '显示全部 {n} 处', leg: '距最近街道 {m} 米', minutes_choice: '步行时间',
    legend: '图例', legend_share: '已知设施项目中达标的比例（按权重）', legend_none: '没有已知设施项目', legend_areas: '{n} 个社区',
    own_columns: '数据表中的各列', about_left_out: '计入与未计入',
    legend_label: '标注：达标、推定、未达标、未知的设施项目数', legend_filtered: '不符合筛选条件',
    legend_facility: '设施', legend_cluster: '多处设施', legend_isochrone: '从该社区步行可达', legend_reached: '从所选位置可达的街道',
    legend_map: '底图', legend_streets: '可步行的街道', legend_extent: '数据边界', percent: '{a}–{b}%',
    about_what: '这是什么', about_how: '怎样判断', about_unknown: '未知不是缺少', about_here: '“从此处步行”的精度',
    about_isochrones: '步行范围的精度', about_data: '数据', about_notes: '读取数据时的说明（英文原文）', about_software: '软件', licences: '许可证全文',
    text_what: '{areas} 个社区对照“{checklist}”的 {items} 个设施项目。清单状态：{status}。出处：{citation}',
    text_how: '步行：{pace}。一个社区至少 {quota} 的居民在步行限值内即为达标。时间为居民到最近设施的步行时间中位数：离开街道的路段、街网和最后一段都计入。',
    text_unknown: '“未知”表示数据不能判断，不是没有这项设施；不计入达标比例的分母。',
    text_here: '在页面内沿街网搜索，不联网。街道线形移动不超过 {line} 米，每段时间取整到 1/{second} 秒；因此与限值相差不到 2 秒的设施可能与完整计算不同；与两条街道距离相同的点可能归到另一条。不考虑小区围墙和出入口。',
    text_isochrones: '画到离街道 {reach} 米以内（与住宅接入街道的距离相同），使可以绕行的街坊连成一片；这只是画法，不影响评分。选择社区时在页面内画出，误差约 {m} 米；精确结果请用 isochrones(method="exact")。',
    text_facilities: '{given} 处设施中有 {shown} 处对应清单中的设施项目，已写入此文件。',
    text_files: '文件：{files}', text_osm: '街道数据时间：{time}', text_made: '生成于 {time}，quarterhour {version}',
    verified: '已核对', unverified: '未核对',
    hours: '营业时间：', phone: '电话：', address: '地址：', serves: '可作为：',
    no_webgl: '浏览器没有 WebGL，无法绘制地图；列表和清单仍可使用。', no_gzip: '浏览器过旧，不能解压数据（需要 DecompressionStream）。',
    zoom_in: '放大', zoom_out: '缩小', compass: '向北', attribution: '来源', close: '关闭', canvas: '地图，方向键移动，加减键缩放，回车键查询地图中心',
    pace: '步行速度 {kmh} 公里/小时', joiner: '、', colon: '\uff1a', residents_of: '{n} 名居民',
  },
  en: {
    language: '中文', lang_code: 'en',
    tab_plans: 'Plans', plan: 'Plan that is shown', no_plan: 'none', flip: 'Before and after', before: 'Now', after: 'With the plan',
    plan_hint: 'Switch with the two buttons above the map: colours, labels and checklists follow.', plan_still: 'Signs of facilities, walking ranges and “From here” stay as they are now.',
    plan_alone: 'The two results are of other areas or items and cannot be switched on the map.', plan_changes: 'What is changed', plan_sites: 'New places, and whom each adds', plan_circles: 'Circles',
    plan_note: 'This plan: {gained} of this area gain at least one item, {lost} lose at least one.', residents_n: '{n} residents', homes_n: '{n} residences',
    legend_plan: 'Plan', plan_by_item: 'Items that change (choose one to compare it on the map)', legend_moved: 'area where somebody gains or loses', legend_new: 'new or changed', legend_centre: 'centre of a circle', legend_ground: 'ground of a circle', legend_left: 'home in no circle', new_nearest: 'nearest: new by the plan {name}',
    skip: 'Skip to lists and checklists', panel: 'Lists and checklists', views: 'Views', map: 'Map',
    tab_areas: 'Areas', tab_area: 'Checklist', tab_here: 'From here', tab_about: 'About',
    sheet_down: '▾ Fold', sheet_up: '▴ Unfold',
    search: 'Search areas by name', group: 'Group', item: 'Item', more_filters: 'Filters, layers, printing', all: 'All', all_items: 'All items (share met)',
    whole_group: 'All items of the group', status_any: 'Show areas with at least one item that is', status_item: 'Show areas where the item is',
    facilities: 'Facilities on the map', facilities_theme: 'of the group or item', facilities_all: 'all', facilities_none: 'none',
    order: 'Order', order_worst: 'least met first', order_given: 'as given', order_name: 'by name',
    tiles: 'Online base map (asks {host})', no_answer: 'no answer',
    tiles_refused: '{host} refuses the base map ({status}): see whether the key is right, may be used by this page, and has requests left today.', tiles_absent: '{host} gives no base map ({status}): see whether there is a network, and whether a key that it asks for is right.',
    found: '{n} of {all} areas', more: 'Show more', none_found: 'No area fits the filters.',
    unnamed: 'without a name', unnamed_area: 'Area {n}',
    pick_area: 'Choose an area on the map or in the list to see its checklist.',
    residents: 'Residents', people: '{n} residents', no_residents: 'number of residents not known',
    items_met_share: 'share met (of known items, by weight)', nothing_known: 'nothing known',
    items_both: 'observed + only implied by hosts (share of known items, by weight)', legend_rests: 'rests on hosts: lower without what they imply',
    counts: '{met} met · {implied} implied · {unmet} unmet · {unknown} unknown, of {all} items',
    edge_note: '{n} items are near the edge of the data: facilities beyond it could change them.', edge: 'near the edge of the data, could change',
    way_out: { open: '', gates: 'Residents leave through the known gates.', wall_without_gate: 'Walled, but no gate is known: residents leave freely.' },
    minutes: '{n} min', metres: '{n} m', kilometres: '{n} km', north_up: 'north is up', over: 'over {n} min', over_m: 'over {n} m', limit_min: 'limit {n} min', limit_m: 'limit {n} m',
    nearest: 'nearest: ', nearest_known: 'nearest known: ', median: 'median resident', at_least: '{n} needed',
    beyond: '{n} residents beyond', all_within: 'all residents within', homes_within: '{n} of residences within', all_homes_within: 'all residences within',
    isochrones: 'Walking range', from_area_centre: 'Walk from the label point', zoom_area: 'Zoom to the area',
    no_isochrone: 'Walking ranges were not written to this file.',
    here_hint: 'Click anywhere on the map, or move the map centre there with the keyboard and press the button.', here_centre: 'Walk from the map centre',
    here_at: 'Within {n} minutes on foot from the chosen point', here_none: 'No walkable street within {m} m of the chosen point.',
    here_outside: 'The chosen point is outside the data.',
    here_count: '{items} of {all} items, {n} facilities', here_count_one: '{items} of {all} items, {n} facility', here_count_item: '{n}', nothing_here: 'none found',
    here_unknown: '“None found” does not mean there is none: the map data may lack it.',
    implied_short: 'implied', show_all: 'Show all {n}', leg: '{m} m from the nearest street', minutes_choice: 'Minutes on foot',
    legend: 'Legend', legend_share: 'Share met of known items (by weight)', legend_none: 'nothing known', legend_areas: '{n} areas',
    own_columns: 'As in your table', about_left_out: 'In the score, and left out of it',
    legend_label: 'Labels: number of items met, implied, unmet, unknown', legend_filtered: 'does not fit the filters',
    legend_facility: 'Facility', legend_cluster: 'several facilities', legend_isochrone: 'Walking range of the area', legend_reached: 'Streets reached from the point',
    legend_map: 'Base', legend_streets: 'walkable streets', legend_extent: 'edge of the data', percent: '{a}–{b}%',
    about_what: 'What this is', about_how: 'How it is judged', about_unknown: 'Unknown is not missing', about_here: 'How exact “From here” is',
    about_isochrones: 'How exact walking ranges are', about_data: 'Data', about_notes: 'Notes of the readers', about_software: 'Software', licences: 'Licences in full',
    text_what: '{areas} areas against the {items} items of “{checklist}”. Status of the list: {status}. Source: {citation}',
    text_how: 'Walking: {pace}. An item is met where at least {quota} of the residents of an area are within its limit. Minutes are those of the median resident to the nearest facility, the legs off the street included.',
    text_unknown: '“Unknown” says that the data cannot tell; it is not a missing facility, and does not count in the share.',
    text_here: 'The page searches the streets itself, offline. Street lines are moved by at most {line} m and the time of each piece is rounded to 1/{second} s: a facility within 2 s of the limit can differ from the full computation, and a point as near to one street as to another may be put on the other. Walls and gates of compounds are left aside.',
    text_isochrones: 'They are drawn up to {reach} m off the street, as far as homes are joined to streets, so that blocks one can walk round are filled: a choice of how it looks, which no score knows of. The page draws them when an area is chosen, true to about {m} m; use isochrones(method="exact") for exact ones.',
    text_facilities: '{shown} of {given} facilities match an item and are in this file.',
    text_files: 'Files: {files}', text_osm: 'Streets as of {time}', text_made: 'Made {time} by quarterhour {version}',
    verified: 'verified', unverified: 'unverified',
    hours: 'Open: ', phone: 'Phone: ', address: 'Address: ', serves: 'Serves as: ',
    no_webgl: 'This browser has no WebGL and cannot draw the map; lists and checklists work.', no_gzip: 'This browser is too old to unpack the data (it lacks DecompressionStream).',
    zoom_in: 'Zoom in', zoom_out: 'Zoom out', compass: 'Face north', attribution: 'Attribution', close: 'Close', canvas: 'Map: arrow keys move it, plus and minus zoom, Enter asks about its centre',
    pace: 'walking at {kmh} km/h', joiner: ', ', colon: ': ', residents_of: '{n} residents',
  },
};

for (const [language, words] of Object.entries(SHARED)) Object.assign(WORDS[language], words);

let lang = 'zh';

function say(key, values = {}) {
  return WORDS[lang][key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

const numberFormats = { zh: new Intl.NumberFormat('zh-CN'), en: new Intl.NumberFormat('en') };
const number = (n) => numberFormats[lang].format(n);

// Shares are rounded down to thousandths, as all that people read: 100% means all.
const perMille = (share) => Math.floor(share * 1000 + 1e-6);
const percentOf = (thousandths) => `${thousandths % 1000 ? (thousandths / 10).toFixed(1) : thousandths / 10}%`;

// 2026-11-26T18:15:16+00:00 as people write it; what is written otherwise stays.
const momentText = (text) => text.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::[\d.]+)?(?:Z|\+00:00)$/, '$1 $2 UTC');

// As numpy rounds: halves to the even number.
function roundHalf(x) {
  const whole = Math.floor(x);
  if (x - whole !== 0.5) return Math.round(x);
  return whole % 2 ? whole + 1 : whole;
}
