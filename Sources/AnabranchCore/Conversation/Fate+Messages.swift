extension Fate {
  /// What became of each of several imports of one thing, of which those in `withdrawals` were taken back by what is given for
  /// them: one stands, as ``ImportPrecedence/winner(of:without:)`` decides it. O(imports).
  public static func ofImports(
    _ imports: [ImportPrecedence], withdrawals: [OperationID: OperationID] = [:]
  ) -> [OperationID: Fate] {
    guard let winner = ImportPrecedence.winner(of: imports, without: Set(withdrawals.keys)) else { return [:] }
    let fates = imports.map { one -> (OperationID, Fate) in
      if one.operation == winner.operation { return (one.operation, .stands) }
      if let withdrawal = withdrawals[one.operation] { return (one.operation, .withdrawn(by: withdrawal)) }
      return (one.operation, .passedOver(for: winner.operation, one.tiebreak(against: winner)))
    }
    return Dictionary(fates) { first, _ in first }
  }

  /// What became of a message: of `bases`, what made it or imported it; of `withdrawals`, undos that took these back, and of
  /// those that were `ended` by what undid them again; of `activity`, the last thing that each log did to it, with its time; and
  /// of `followers`, the messages that show and follow it.
  ///
  /// A message is hidden where ``Withdrawal/hide(_:bases:activity:)`` says so and no message follows it that shows. Then its
  /// withdrawals stand. Else they are incomplete where an import is left that none names, and overtaken otherwise: by the last
  /// thing that their writers had not seen, or by what follows. What was done, and what follows, stands where it keeps the message
  /// from being hidden. Where no withdrawal is left, only bases, and what was ended by what, are told of. O(withdrawals ×
  /// (named + activity)).
  public static func ofMessage(
    _ bases: [ImportPrecedence], withdrawals: [Withdrawal],
    ended: [(withdrawal: OperationID, by: OperationID)] = [],
    activity: [(operation: OperationID, time: HybridTime)], followers: [OperationID]
  ) -> [OperationID: Fate] {
    let names = bases.map(\.operation)
    let ending = withdrawals.filter { $0.operations.contains(where: names.contains) }
    func ender(of base: OperationID) -> OperationID? { ending.first { $0.operations.contains(base) }?.operation }
    var fates = ofImports(
      bases,
      withdrawals: Dictionary(names.compactMap { name in ender(of: name).map { (name, $0) } }) { first, _ in first })
    for one in ended { fates[one.withdrawal] = .withdrawn(by: one.by) }
    guard !ending.isEmpty else {
      for one in ended { fates[one.by] = .stands }
      return fates
    }
    let isTakenBack = Withdrawal.hide(ending, bases: names, activity: activity.map(\.operation))
    if isTakenBack && followers.isEmpty {
      for name in names { if let ender = ender(of: name) { fates[name] = .withdrawn(by: ender) } }
    }
    let ahead = activity.filter { done in !ending.contains { $0.covers(done.operation) } }
    let last = ahead.max { ($0.time, $0.operation) < ($1.time, $1.operation) }?.operation
    let left = names.first { fates[$0] == .stands && ender(of: $0) == nil }
    let standing: Fate =
      left.map { .incomplete(beside: $0) } ?? (last ?? followers.first).map { .overtaken(by: $0) } ?? .stands
    for withdrawal in ending { fates[withdrawal.operation] = standing }
    for done in activity {
      let coverer = ending.first { $0.covers(done.operation) }
      fates[done.operation] = coverer.map { .replaced(by: $0.operation) } ?? .stands
    }
    for follower in followers { fates[follower] = .stands }
    return fates
  }
}

extension ImportPrecedence {
  /// What tells it from an import that goes before it.
  fileprivate func tiebreak(against winner: ImportPrecedence) -> Fate.Tiebreak {
    if winner.updated ?? -1 != updated ?? -1 { return .source }
    if winner.content != content { return .content }
    return winner.operation.log != operation.log ? .log : .place
  }
}
