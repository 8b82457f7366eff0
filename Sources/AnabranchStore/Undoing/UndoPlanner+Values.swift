internal import AnabranchCore

/// Registers and sets, and what was taken back of them before.
extension UndoPlanner {
  /// Writes that show, or that only others of the same actions replaced, give way to what they replaced.
  mutating func undoRegisters() throws {
    for held in order {
      guard case .writeRegister(let write) = held.operation.mutation, let (id, key, holder) = try object(of: held),
        try !reader.taken(from: key).contains(held.id)
      else { continue }
      let writes = try reader.writes(to: write.register, of: key)
      let taken = try reader.taken(from: key)
      let others = writes.filter { !isUndone($0.write.operation) }
      let shown = MultiValueRegister(others, without: taken)
      if let other = shown.live.first(where: { Self.has(seen: held.id, $0.operation, writes) }) {
        leave(held, .changedSince, by: other.operation.log)
      } else {
        try takeBack(held.id, of: id, in: holder)
      }
    }
  }

  /// Whether the writer of `later` had seen `write`, by what the writes name.
  private static func has(
    seen write: OperationID, _ later: OperationID, _ writes: [MultiValueRegister.Replacing]
  ) -> Bool {
    let predecessors = Dictionary(writes.map { ($0.write.operation, $0.predecessors) }) { first, _ in first }
    var waiting = predecessors[later] ?? []
    var seen: Set<OperationID> = []
    while let next = waiting.popLast() {
      if next == write { return true }
      if seen.insert(next).inserted { waiting += predecessors[next] ?? [] }
    }
    return false
  }

  /// Additions that stand, or that only others of the same actions removed, and removals.
  mutating func undoSets() throws {
    for held in order {
      let set: SetKind
      switch held.operation.mutation {
      case .addElement(let add): set = add.set
      case .removeElement(let remove): set = remove.set
      default: continue
      }
      guard let (id, key, holder) = try object(of: held) else { continue }
      let taken = try reader.taken(from: key)
      guard !taken.contains(held.id) else { continue }
      let remover = try reader.removals(from: set, of: key).first { removal in
        guard case .removeElement(let remove) = removal.operation.mutation else { return false }
        return remove.additions.contains(held.id) && !taken.contains(removal.id) && !isUndone(removal.id)
      }
      if let remover {
        leave(held, .changedSince, by: remover.id.log)
      } else {
        try takeBack(held.id, of: id, in: holder)
      }
    }
  }

  /// What was taken back counts again, but for a register that somebody wrote since.
  mutating func undoWithdrawals() throws {
    for held in order {
      guard case .withdraw(let withdraw) = held.operation.mutation, let (id, key, holder) = try object(of: held),
        let name = logs.key(of: held.id), try db.withdrawals(of: key).contains(name)
      else { continue }
      var blocked: [OperationID] = []
      for operation in withdraw.operations {
        guard let written = try reader.held(operation), case .writeRegister(let write) = written.operation.mutation
        else { continue }
        let writes = try reader.writes(to: write.register, of: key)
        let live = MultiValueRegister(writes, without: try reader.taken(from: key)).live
        // Of what stood beside it when it was taken back, it is no news.
        let newer = live.first { other in
          other.operation != operation && Withdrawal(held)?.covers(other.operation) == false
            && !Self.has(seen: other.operation, operation, writes)
        }
        guard let newer else { continue }
        blocked.append(operation)
        leave(written, .changedSince, by: newer.operation.log)
      }
      plan.reversed += withdraw.operations.count - blocked.count
      guard blocked.count < withdraw.operations.count else { continue }
      reinstated[id, default: []].append(held.id)
      if !blocked.isEmpty { takenBack[id, default: []] += blocked }
      stirred.insert(holder)
      try note(holder)
    }
  }
}
