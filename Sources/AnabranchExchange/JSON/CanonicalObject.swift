/// Collects members and writes them as one JSON object in canonical form.
///
/// Keys stand in ascending order of the bytes they are written with; of members with one key the last wins.
struct CanonicalObject {
  private struct Member {
    var key: [UInt8]
    var value: [UInt8]
  }

  private var members: [Member] = []

  /// Whether nothing was set.
  var isEmpty: Bool { members.isEmpty }

  /// Sets a member to a value that is in canonical form itself.
  mutating func set(_ key: String, toCanonical value: [UInt8]) {
    var bytes: [UInt8] = []
    JSONEscaping.append(key, to: &bytes)
    members.append(Member(key: bytes, value: value))
  }

  /// Sets a member to a text.
  mutating func set(_ key: String, to text: String) {
    var bytes: [UInt8] = []
    JSONEscaping.append(text, to: &bytes)
    set(key, toCanonical: bytes)
  }

  /// Sets a member to an object, unless that is empty.
  mutating func set(_ key: String, to object: CanonicalObject) {
    if !object.isEmpty { set(key, toCanonical: object.bytes()) }
  }

  /// The object. Complexity: O(*n* log *n*) in the members.
  func bytes() -> [UInt8] {
    let order = members.indices.sorted { one, other in
      if members[one].key == members[other].key { return one < other }
      return members[one].key.lexicographicallyPrecedes(members[other].key)
    }
    var output: [UInt8] = [UInt8(ascii: "{")]
    for (position, index) in order.enumerated() {
      let isOverwritten =
        position + 1 < order.count && members[order[position + 1]].key == members[index].key
      if isOverwritten { continue }
      if output.count > 1 { output.append(UInt8(ascii: ",")) }
      output.append(contentsOf: members[index].key)
      output.append(UInt8(ascii: ":"))
      output.append(contentsOf: members[index].value)
    }
    output.append(UInt8(ascii: "}"))
    return output
  }

  /// The object as text; nil if nothing was set.
  func text() -> String? {
    isEmpty ? nil : String(decoding: bytes(), as: UTF8.self)
  }
}
