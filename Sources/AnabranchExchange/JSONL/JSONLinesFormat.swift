internal import AnabranchCore

/// The words of our own export: one JSON object a line, keys in ascending order.
///
/// | line | holds |
/// | --- | --- |
/// | first | `{"anabranch":1,"format":"history"}` |
/// | `{"conversation":{…}}` | a conversation; fields that are nil, false or empty are left out |
/// | `{"message":{…}}` | a message of it, parents before children; `conversation` names its conversation |
/// | its `attachments` | a list of objects: `id`, `name`, and `mediaType` and `bytes` where they are known. The bytes of each lie in a file called `id`, in a folder beside the export that is called like it with `.files` |
/// | last | `{"end":{"conversations":…,"messages":…}}`, by which a cut-off file is known |
///
/// Times are RFC 3339 in UTC with milliseconds; outside of the years 1 to 9999, milliseconds since 1970.
/// `verbatim` is the object itself, or a text where what is kept is not in canonical form. Written by
/// ``JSONLinesWriter``, read by ``JSONLinesReader``.
enum JSONLinesFormat {
  /// The version written, and the highest one read.
  static let version: Int64 = 1
  /// How deep `verbatim` may nest to be written as an object: the reader's limit without the line's own levels.
  static let verbatimDepthMax = JSONReader.depthMax - 8

  /// The word for a role.
  static func word(_ role: Role) -> String {
    role.name
  }

  /// The role a word stands for, those of later versions included.
  static func role(_ word: String) -> Role? {
    if let role = Role(name: word) { return role }
    guard word.hasPrefix("role-"), let number = UInt8(word.dropFirst("role-".count)) else { return nil }
    return Role(rawValue: number)
  }
}
