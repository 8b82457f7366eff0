/// Puts a JSON value together whose members come in any order, and sorts each object as it closes.
struct CanonicalWriter {
  private struct Member {
    /// The key as written, quotes included.
    var key: Range<Int>
    /// Behind the member's value.
    var end: Int
  }

  private struct Level {
    var isObject: Bool
    /// Behind the opening bracket.
    var start: Int
    /// Where this object's members begin in ``members``.
    var firstMember: Int
  }

  /// What has been written.
  var output: [UInt8] = []
  private var levels: [Level] = []
  private var members: [Member] = []

  /// Whether nothing is open.
  var isComplete: Bool { levels.isEmpty }
  /// Whether the innermost open container is an object; nil if none is open.
  var isInObject: Bool? { levels.last?.isObject }

  mutating func open(isObject: Bool) {
    output.append(isObject ? UInt8(ascii: "{") : UInt8(ascii: "["))
    levels.append(Level(isObject: isObject, start: output.count, firstMember: members.count))
  }

  mutating func beginElement() {
    separate()
  }

  mutating func beginMember() {
    separate()
    members.append(Member(key: output.count..<output.count, end: output.count))
  }

  mutating func endKey() {
    members[members.count - 1].key = members[members.count - 1].key.lowerBound..<output.count
    output.append(UInt8(ascii: ":"))
  }

  /// The value of the member begun last is written, if there is one.
  mutating func endMember() {
    guard let level = levels.last, members.count > level.firstMember else { return }
    members[members.count - 1].end = output.count
  }

  mutating func close() {
    guard let level = levels.popLast() else { return }
    if level.isObject { sortMembers(of: level) }
    output.append(level.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
  }

  private mutating func separate() {
    if let level = levels.last, output.count > level.start { output.append(UInt8(ascii: ",")) }
  }

  private mutating func sortMembers(of level: Level) {
    let own = members[level.firstMember...]
    defer { members.removeLast(members.count - level.firstMember) }
    let isSorted = zip(own, own.dropFirst()).allSatisfy { one, other in
      output[one.key].lexicographicallyPrecedes(output[other.key])
    }
    if isSorted { return }
    let order = own.indices.sorted { one, other in
      let (first, second) = (output[members[one].key], output[members[other].key])
      return first.elementsEqual(second) ? one < other : first.lexicographicallyPrecedes(second)
    }
    var sorted: [UInt8] = []
    sorted.reserveCapacity(output.count - level.start)
    for (position, index) in order.enumerated() {
      let member = members[index]
      let isOverwritten =
        position + 1 < order.count
        && output[members[order[position + 1]].key].elementsEqual(output[member.key])
      if isOverwritten { continue }
      if !sorted.isEmpty { sorted.append(UInt8(ascii: ",")) }
      sorted.append(contentsOf: output[member.key.lowerBound..<member.end])
    }
    output.removeLast(output.count - level.start)
    output.append(contentsOf: sorted)
  }
}
