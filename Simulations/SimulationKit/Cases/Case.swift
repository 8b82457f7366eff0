/// All that a run follows from: its seed, what it is made of, and what is left out of its plan.
public struct Case: Hashable, Sendable {
  /// What everything is drawn from.
  public var seed: UInt64
  /// What the run is made of.
  public var options: Options
  /// Actions left out of the plan.
  public var withoutActions = NumberSet()
  /// Misfortunes left out of the plan.
  public var withoutFaults = NumberSet()
  /// Machines that never join.
  public var withoutHosts = NumberSet()

  /// The whole run of `seed`, with what the swarm draws for it unless `options` say otherwise.
  public init(seed: UInt64, options: Options? = nil) {
    self.seed = seed
    self.options = options ?? Options(seed: seed)
  }
}

extension Case {
  /// The lines of a file in `seeds/`, without commit and cause; as ``init(parsing:)`` reads them.
  public var lines: [String] {
    var lines = ["seed = \(seed)", "options = \(options)"]
    for (name, numbers) in [
      ("actions", withoutActions), ("faults", withoutFaults), ("hosts", withoutHosts),
    ] where !numbers.isEmpty {
      lines.append("without \(name) = \(numbers)")
    }
    return lines
  }

  /// Why a file of a case cannot be read.
  public struct Unreadable: Error, CustomStringConvertible {
    /// In words, with the line.
    public var description: String
  }

  /// Reads a file of `seeds/`: lines of `name = value`. Empty lines, and what follows a `#`, count as nothing; names
  /// other than those of ``lines`` are for people.
  public init(parsing text: String) throws(Unreadable) {
    var fields: [String: String] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") && line.contains("=") {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let (name, value) = (Self.trimmed(parts[0]), Self.trimmed(parts[1]))
      guard fields.updateValue(value, forKey: name) == nil else {
        throw Unreadable(description: "“\(name)” stands there twice")
      }
    }
    guard let seed = fields["seed"].flatMap(UInt64.init) else {
      throw Unreadable(description: "expected a line `seed = NUMBER`")
    }
    guard let options = Options(parsing: fields["options"] ?? "") else {
      throw Unreadable(description: "expected `options = NAME=NUMBER …`, got “\(fields["options"] ?? "")”")
    }
    self.init(seed: seed, options: options)
    withoutActions = try Self.numbers(fields["without actions"])
    withoutFaults = try Self.numbers(fields["without faults"])
    withoutHosts = try Self.numbers(fields["without hosts"])
  }

  private static func numbers(_ text: String?) throws(Unreadable) -> NumberSet {
    guard let numbers = NumberSet(parsing: text ?? "") else {
      throw Unreadable(description: "expected numbers such as 0-3,7, got “\(text ?? "")”")
    }
    return numbers
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
