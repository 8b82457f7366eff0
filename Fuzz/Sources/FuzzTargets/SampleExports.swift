/// Small exports of each tool, written by hand.
enum SampleExports {
  static let all: [(name: String, text: String)] = [
    ("chatgpt", chatGPT), ("chatgpt-shard", shard), ("oasst", oasst), ("own", own), ("empty", "[]"),
    ("chatgpt-odd", odd), ("own-odd", ownOdd),
    ("feedback", #"[{"id":"1","conversation_id":"c1","rating":"thumbsUp","content":"{}"}]"#),
  ]

  private static let chatGPT = #"""
    [{"title":"Rivers","create_time":1700000000.5,"update_time":1700000009,"mapping":{
    "root":{"id":"root","parent":null,"children":["a"],"message":null},
    "a":{"id":"a","parent":"root","children":["b","c"],"message":{"id":"a","author":{"role":"user","name":null},
    "create_time":1700000001,"content":{"content_type":"multimodal_text","parts":["what is this?",{"content_type":
    "image_asset_pointer","asset_pointer":"file-service://file-1","size_bytes":4}]},"metadata":{"attachments":
    [{"id":"file-1","name":"photo.png","mimeType":"image/png","size":4}]}}},
    "b":{"id":"b","parent":"a","children":[],"message":{"id":"b","author":{"role":"assistant"},"create_time":null,
    "content":{"content_type":"text","parts":["one\n\u0000\ud83d\ude00 \ud83d"]},"metadata":{"model_slug":"m-1"},
    "weight":1.0}},
    "c":{"id":"c","parent":"a","children":[],"message":{"id":"c","author":{"role":"tool","name":"browser"},"content":
    {"content_type":"code","language":"python","text":"print(1)"}}}},
    "current_node":"b","is_archived":true,"conversation_id":"c1","voice":null}]
    """#

  private static let shard = #"""
    {"conversations":[{"id":"c2","title":null,"mapping":{"x":{"parent":"gone","message":{"author":{"role":"system"},
    "content":{"content_type":"tether_quote","text":"t","url":"u"}}}}}]}
    """#

  /// Messages in a circle, children that are nobody's or twice somebody's, and texts that are none.
  private static let odd = #"""
    [{"id":"c3","title":5,"create_time":"soon","mapping":{"a":{"id":"a","parent":"b","children":["b","b","gone"],"message":
    {"author":{"role":"king"},"content":{"content_type":"text","parts":[1,null,{"x":[]}]}}},"b":{"id":"b","parent":"a",
    "children":["a"],"message":{"author":null,"content":null}},"c":{"id":"c","parent":"c","children":["c"],"message":[]},
    "":{"message":{"content":{"parts":["\ud800"]}}}},"current_node":"gone"},{"id":"c3","mapping":{}},7]
    """#

  private static let oasst = #"""
    {"message_tree_id":"t1","tree_state":"ready","prompt":{"message_id":"p","text":"Why?","role":"prompter","replies":[
    {"message_id":"r","parent_id":"p","text":"So.","role":"assistant","created_date":"2023-02-05T22:24:44.5+00:00",
    "replies":[]}]}}
    """#.split(separator: "\n").joined() + "\n"

  private static let own = #"""
    {"anabranch":1,"format":"history"}
    {"conversation":{"archived":true,"created":"2023-01-01T00:00:00.000Z","draft":"d","fields":{"n":"v"},"folders":["f"],"id":"c","notes":"n","pinned":true,"source":"anabranch","tags":["b","a"],"title":"T","trashed":true,"verbatim":{"k":1}}}
    {"message":{"attachments":[{"bytes":4,"id":"x","mediaType":"image/png","name":"a.png"}],"conversation":"c","created":9223372036854775807,"id":"m","role":"assistant","text":"hi","verbatim":"{ }"}}
    {"message":{"conversation":"c","id":"n","parents":["m"],"role":"role-9","startsLine":true,"text":"é"}}
    {"end":{"conversations":1,"messages":2}}

    """#

  /// Lines that are cut, unknown, too early, or there before.
  private static let ownOdd = #"""
    {"anabranch":1}
    {"message":{"id":"early","role":"user","text":""}}
    {"conversation":{"id":"c"
    {"conversation":{"id":"c","source":"s","later":[1]}}
    {"message":{"conversation":"c","id":"a","role":"role-9","text":"x"}}
    {"message":{"conversation":"other","id":"b","role":"user","text":"x"}}
    {"message":{"conversation":"c","id":"b","parents":["a","gone","b"],"role":"user","text":"x"}}
    {"message":{"conversation":"c","id":"a","role":"user","text":"x"}}
    {"message":{"id":"e","role":"king","text":"x"}}
    {"future":1}
    {"end":{"conversations":1,"messages":9}}

    """#
}
