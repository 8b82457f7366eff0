extension Case {
  /// The lines of a file in `seeds/`, without commit and cause; as ``init(parsing:)`` reads them.
  public var lines: [String] {
    var lines = ["seed = \(seed)", "options = \(options)"]
    if let script {
      lines += ["machines = \(script.hosts)", "span = \(script.span.microseconds)"]
      lines += script.actions.map { action in
        "action = \(action.time.microseconds) \(action.host) \(action.kind.rawValue) \(action.seed)"
      }
      lines += script.faults.map { fault in
        "fault = \(fault.time.microseconds) \(fault.host) \(fault.kind.rawValue) \(fault.span.microseconds) \(fault.seed)"
      }
    }
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

  /// Reads a file of `seeds/`: lines of `name = value`, those of ``lines`` and, for people, `commit`, `cause` and
  /// `bug`. Empty lines count as nothing, and so does what follows a `#`. Times are in microseconds.
  public init(parsing text: String) throws(Unreadable) {
    var fields = CaseFields()
    for line in text.split(whereSeparator: \.isNewline) { try fields.take(line.prefix { $0 != "#" }) }
    self = try fields.result()
  }
}

/// What the lines of a file say of a case.
private struct CaseFields {
  private var values: [String: Substring] = [:]
  private var actions: [Plan.Action] = []
  private var faults: [Plan.Fault] = []

  private static let names: Set<String> = [
    "seed", "options", "machines", "span", "without actions", "without faults", "without hosts", "commit", "cause",
    "bug",
  ]

  mutating func take(_ line: Substring) throws(Case.Unreadable) {
    let line = Self.trimmed(line)
    guard !line.isEmpty else { return }
    guard let sign = line.firstIndex(of: "=") else { throw Self.unreadable("NAME = VALUE", line) }
    let (name, value) = (String(Self.trimmed(line[..<sign])), Self.trimmed(line[line.index(after: sign)...]))
    switch name {
    case "action": actions.append(try Self.action(value))
    case "fault": faults.append(try Self.fault(value))
    default:
      guard Self.names.contains(name) else { throw Self.unreadable("one of \(Self.names.sorted())", line) }
      guard values.updateValue(value, forKey: name) == nil else {
        throw Case.Unreadable(description: "“\(name)” stands there twice")
      }
    }
  }

  func result() throws(Case.Unreadable) -> Case {
    guard let seed = values["seed"].flatMap({ UInt64($0) }) else {
      throw Case.Unreadable(description: "expected a line `seed = NUMBER`, got “\(values["seed"] ?? "")”")
    }
    guard let options = Options(parsing: values["options"] ?? "") else {
      throw Self.unreadable("`options = NAME=NUMBER …`", values["options"] ?? "")
    }
    var result = Case(seed: seed, options: options)
    result.script = try script()
    result.withoutActions = try numbers("without actions")
    result.withoutFaults = try numbers("without faults")
    result.withoutHosts = try numbers("without hosts")
    let machines = result.plan.hosts
    guard (0..<machines).filter({ !result.withoutHosts.contains($0) }).count >= 2 else {
      throw Case.Unreadable(description: "expected two machines at least that take part, of \(machines)")
    }
    return result
  }

  private func script() throws(Case.Unreadable) -> Plan? {
    guard let machines = values["machines"] else { return nil }
    guard let hosts = Int(machines), (2...64).contains(hosts), let span = values["span"].flatMap({ Int64($0) }),
      span > 0
    else { throw Case.Unreadable(description: "expected 2 to 64 machines, and a span in microseconds") }
    guard (actions.map(\.host) + faults.map(\.host)).allSatisfy({ (0..<hosts).contains($0) }) else {
      throw Case.Unreadable(description: "expected machines from 0 to \(hosts - 1)")
    }
    var plan = Plan(hosts: hosts, span: VirtualTime(microseconds: span))
    (plan.actions, plan.faults) = (actions, faults)
    return plan
  }

  private func numbers(_ name: String) throws(Case.Unreadable) -> NumberSet {
    guard let numbers = NumberSet(parsing: values[name] ?? "") else {
      throw Self.unreadable("numbers such as 0-3,7", values[name] ?? "")
    }
    return numbers
  }

  private static func action(_ text: Substring) throws(Case.Unreadable) -> Plan.Action {
    let words = text.split(separator: " ")
    guard words.count == 4, let time = Int64(words[0]), time >= 0, let host = Int(words[1]),
      let kind = Plan.Action.Kind(rawValue: String(words[2])), let seed = UInt64(words[3])
    else { throw unreadable("TIME MACHINE KIND SEED", text) }
    return Plan.Action(time: VirtualTime(microseconds: time), host: host, kind: kind, seed: seed)
  }

  private static func fault(_ text: Substring) throws(Case.Unreadable) -> Plan.Fault {
    let words = text.split(separator: " ")
    guard words.count == 5, let time = Int64(words[0]), time >= 0, let host = Int(words[1]),
      let kind = FaultKind(rawValue: String(words[2])), let span = Int64(words[3]), span >= 0,
      let seed = UInt64(words[4])
    else { throw unreadable("TIME MACHINE KIND SPAN SEED", text) }
    return Plan.Fault(
      time: VirtualTime(microseconds: time), host: host, kind: kind, span: VirtualTime(microseconds: span), seed: seed)
  }

  private static func unreadable(_ expected: String, _ text: some StringProtocol) -> Case.Unreadable {
    Case.Unreadable(description: "expected \(expected), got “\(text)”")
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
