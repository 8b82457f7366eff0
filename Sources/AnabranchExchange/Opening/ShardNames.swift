internal import Anabranch

/// Which parts of an export should be there, going by how they are numbered: `conversations-000.json`.
///
/// That a file holds conversations is never told by its name; that one is missing cannot be told otherwise.
enum ShardNames {
  /// How large a gap in the numbering may be to be told of: 1,000.
  static let gapMax = 1_000

  /// Every text in a JSON file that could be a file's name, keys included; none if it is not JSON.
  static func named(in source: any ByteSource) -> [String] {
    var names: [String] = []
    let reader = JSONReader(source)
    try? collect(reader, &names)
    return names.filter { $0.hasSuffix(".json") && $0.utf8.count <= 1_024 }
  }

  /// The names of parts that are missing, in ascending order: those `listed` that are numbered like a `found`
  /// one and not `present`, and those between numbers that were found.
  static func missing(listed: [String], found: [String], present: [String]) -> [String] {
    let patterns = Set(found.compactMap { pattern($0)?.shape })
    let present = Set(present)
    var missing: Set<String> = []
    for name in listed.map({ String($0.split(separator: "/").last ?? "") }) where !present.contains(name) {
      if let shape = pattern(name)?.shape, patterns.contains(shape) { missing.insert(name) }
    }
    for shape in patterns {
      let numbers = found.compactMap { name in pattern(name).flatMap { $0.shape == shape ? $0 : nil } }
      guard let last = numbers.map(\.number).max(), last <= gapMax, numbers.count > 1 || last > 0 else {
        continue
      }
      for number in 0..<last {
        let name = numbers[0].name(number)
        if number > 0 || numbers[0].width > 1, !present.contains(name) { missing.insert(name) }
      }
    }
    return missing.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private struct Pattern {
    var before: Substring
    var width: Int
    var after: Substring
    var number: Int

    /// What names of one series have in common.
    var shape: String { "\(before)#\(width)\(after)" }

    /// The name with another number.
    func name(_ number: Int) -> String {
      let digits = String(number)
      return before + String(repeating: "0", count: max(0, width - digits.count)) + digits + after
    }
  }

  /// A name whose last digits, at most six, stand right before the extension and after a hyphen or underscore.
  private static func pattern(_ name: String) -> Pattern? {
    guard let dot = name.lastIndex(of: ".") else { return nil }
    let stem = name[..<dot]
    let digits = stem.reversed().prefix { ("0"..."9").contains($0) }.count
    let before = stem.dropLast(digits)
    guard (2...6).contains(digits), before.hasSuffix("-") || before.hasSuffix("_"),
      let number = Int(stem.suffix(digits))
    else { return nil }
    return Pattern(before: before, width: digits, after: name[dot...], number: number)
  }

  private static func collect(_ reader: JSONReader, _ names: inout [String]) throws(AnabranchError) {
    var isObject: [Bool] = []
    repeat {
      switch try reader.kind() {
      case .object:
        try reader.beginObject()
        isObject.append(true)
      case .array:
        try reader.beginArray()
        isObject.append(false)
      case .string: names.append(try reader.string())
      default: try reader.skip()
      }
      while let inObject = isObject.last {
        if inObject {
          if let key = try reader.nextKey() {
            names.append(key)
            break
          }
        } else if try reader.nextElement() {
          break
        }
        isObject.removeLast()
      }
    } while !isObject.isEmpty
  }
}
