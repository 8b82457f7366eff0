/// A message of a corpus, as its tab-separated line has it.
struct Message {
  let id: String
  let conversation: String
  let role: String
  /// Milliseconds since 1970.
  let created: Int64
  let body: String

  /// The line, without its end.
  var line: String {
    "\(id)\t\(conversation)\t\(role)\t\(created)\t\(body)"
  }
}
