/// What the changes of one log may do, from which one on.
public struct LogRights: Hashable, Sendable {
  private struct Step: Hashable, Sendable {
    var first: UInt32
    var role: MemberRole
  }

  /// In ascending order; the first begins with the log's first change, and no two neighbours have the same role.
  private var steps: [Step]

  /// Everything, from the first change on.
  public static let all = LogRights(steps: [Step(first: 1, role: .owner)])

  private init(steps: [Step]) {
    self.steps = steps
  }

  /// What each change may do by `role`, which changes at most with those in `firsts`.
  init(from firsts: Set<UInt32>, role: (UInt32) -> MemberRole) {
    steps = []
    for first in firsts.union([1]).sorted() {
      let role = role(first)
      if steps.last?.role != role { steps.append(Step(first: first, role: role)) }
    }
  }

  /// What the change with that sequence may do. O(how often rights were cut).
  public func role(at sequence: UInt32) -> MemberRole {
    steps.last { $0.first <= sequence }?.role ?? .outsider
  }

  /// Whether some change up to `last` may do less than by `others`.
  public func fallsShort(of others: LogRights, upTo last: UInt32) -> Bool {
    (steps + others.steps).contains { $0.first <= last && role(at: $0.first) < others.role(at: $0.first) }
  }
}

extension Roster {
  /// What the changes of a log may do that `device` writes; nil for a log of which nobody knows who does. O(cuts).
  public func rights(of device: Digest?, in log: LogID) -> LogRights {
    guard isFounded else { return .all }
    guard let device else { return LogRights(from: []) { _ in .outsider } }
    let cuts = (limits[device] ?? [:]).values.map { $0[log] ?? 0 } + (adopted[log] ?? []).map(\.last)
    return LogRights(from: Set(cuts.filter { $0 < .max }.map { $0 + 1 })) { first in
      role(of: device, at: ChangeID(log: log, sequence: first))
    }
  }
}
