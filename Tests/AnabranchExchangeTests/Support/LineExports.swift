import Anabranch

@testable import AnabranchExchange

/// Small exports of one object a line.
enum LineExports {
  /// Two trees, the second with replies before the text of what they answer.
  static let trees = #"""
    {"message_tree_id":"t1","tree_state":"ready","prompt":{"message_id":"p","text":"Why?","role":"prompter","lang":"en","replies":[{"message_id":"r1","parent_id":"p","text":"So.","role":"assistant","model_name":"m","created_date":"2023-02-05T22:24:44.5+00:00","replies":[{"message_id":"q","parent_id":"r1","text":"And?","role":"prompter","replies":[]}]},{"message_id":"r2","parent_id":"p","text":"Thus.","role":"assistant","rank":1,"replies":[]}]}}
    {"prompt":{"replies":[{"replies":[],"role":"assistant","message_id":"b","text":"B"}],"role":"prompter","text":"A","message_id":"a"},"message_tree_id":"t2"}

    """#

  /// What our own writer makes of these events.
  static func text(of events: [HistoryEvent]) throws -> String {
    var bytes: [UInt8] = []
    var writer = JSONLinesWriter { bytes += $0 }
    for event in events { try writer.write(event) }
    try writer.finish()
    return String(decoding: bytes, as: UTF8.self)
  }
}
