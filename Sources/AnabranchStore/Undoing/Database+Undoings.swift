internal import AnabranchCore
internal import AnabranchWire
internal import GRDB

extension Database {
  /// The action that undoes the one that begins with `action`, and is not undone itself; nil where there is none: then that
  /// action stands. Of several the one with the least key. O(those that undo it, directly or not).
  func standingUndo(of action: ChangeKey, _ logs: LogState) throws -> ChangeKey? {
    try standingUndos(of: action, logs).first
  }

  /// All that undo it and are not themselves undone, by their first changes, in the order of their times: on all replicas the same.
  func standingUndos(of action: ChangeKey, _ logs: LogState) throws -> [ChangeKey] {
    // An undo names what is in its past, so all that undo something are found before it is weighed.
    var undoings: [ChangeKey: [ChangeKey]] = [:]
    var waiting = [action]
    var found: [ChangeKey] = []
    while let next = waiting.popLast() {
      guard undoings[next] == nil else { continue }
      let undone = try undoActions(of: next, logs)
      undoings[next] = undone
      found.append(next)
      waiting += undone
    }
    var stands: [ChangeKey: Bool] = [:]
    var stack = [action]
    while let next = stack.last {
      let open = (undoings[next] ?? []).filter { stands[$0] == nil && !stack.contains($0) }
      if let first = open.first {
        stack.append(first)
      } else {
        stands[next] = !(undoings[next] ?? []).contains { stands[$0] == true }
        stack.removeLast()
      }
    }
    let standing = (undoings[action] ?? []).filter { stands[$0] == true }
    guard standing.count > 1 else { return standing }
    return try standing.map { key in
      let change = try logs.change(of: key)
      return (key: key, time: try logs.changeHeader(of: change, in: self).time, change: change)
    }.sorted { ($0.time, $0.change) < ($1.time, $1.change) }.map(\.key)
  }

  /// The first changes of the actions that say they undo the one that begins with `action`, in the order of their keys.
  func undoActions(of action: ChangeKey, _ logs: LogState) throws -> [ChangeKey] {
    var actions: [ChangeKey] = []
    for operation in try undoings(of: action) {
      let key = operation.change
      let first = try logs.changeHeader(of: logs.change(of: key), in: self).action
      let action = ChangeKey(ordinal: key.ordinal, sequence: first)
      if !actions.contains(action) { actions.append(action) }
    }
    return actions
  }

  /// An action and all that undo it, directly or not: what they do to a text is what one hand does.
  func undoChain(of action: ChangeKey, _ logs: LogState) throws -> Set<ChangeKey> {
    var chain: Set<ChangeKey> = []
    var waiting = [action]
    while let next = waiting.popLast() {
      if chain.insert(next).inserted { waiting += try undoActions(of: next, logs) }
    }
    return chain
  }

  /// The changes of the action that begins with `first`, in order.
  func changes(ofAction first: ChangeKey, _ logs: LogState) throws -> [ChangeKey] {
    guard let row = try actionRow(first), row.last.sequence > first.sequence else { return [first] }
    let keys = (first.sequence...row.last.sequence).map { ChangeKey(ordinal: first.ordinal, sequence: $0) }
    guard !row.isTogether else { return keys }
    return try keys.filter { try logs.changeHeader(of: logs.change(of: $0), in: self).action == first.sequence }
  }
}
