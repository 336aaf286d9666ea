/** Plain words that fakes are made of. */
const words = (text: string): readonly string[] => text.split(' ');

export const FIRST_NAMES = words(
  'Alba Anton Bela Bruno Cora Dario Edda Emil Enno Fara Finn Greta Hana Hugo Ida Ilja Ines Jaro Juno Kaja Kian Lena Levi Lina Luan Maja Malu Milan Mira Nael Nora Odin Olga Pina Piet Rahel Rina Sami Selma Taro Tilda Ugo Vera Wanda Xenia Yara Zeno Zoe',
);

export const LAST_NAMES = words(
  'Acker Alder Ash Bach Bergen Birch Brook Cedar Clay Cliff Dale Elm Fern Field Fjord Ford Frost Glen Grove Hawthorn Heath Hill Holm Isle Juniper Lake Lane Larch Linden Marsh Meadow Moor Oak Pine Pond Poplar Reed Ridge Rowan Rush Sand Sedge Stone Thorn Vale Willow Wood Yew',
);

export const STREETS = words(
  'Apple Barn Bell Bridge Canal Castle Church Corner Dock Ferry Garden Gate Green Harbour Hazel High Market Mill North Orchard Park Quay River School South Spring Station Tower Water Well West Windmill',
);

export const CITIES = words(
  'Ashford Brookfield Cedarville Clayton Dalebury Elmhurst Ferndale Fieldham Glenwood Greenhaven Heathrow Hillford Lakeside Larchmont Lindenau Marshfield Meadowbrook Moorgate Oakdale Pinewood Reedham Ridgeway Rosefield Sandford Stonebridge Thornbury Valewood Westfield Willowby Windham Woodstock Yarrow',
);

export const LOREM = words(
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute irure in reprehenderit voluptate velit esse cillum fugiat nulla pariatur excepteur sint occaecat cupidatat non proident sunt culpa qui officia deserunt mollit anim id est laborum',
);

export const COMPANY_ENDS = words('Ltd Inc GmbH Co Group Partners Works Studio');
