import AnabranchCore

/// Names for logs and operations that are short to write.
func log(_ number: UInt64) -> LogID {
  LogID(Bytes16(high: 0, low: number))
}

func operation(_ number: UInt64, _ sequence: UInt32, _ index: UInt32 = 0) -> OperationID {
  OperationID(log: log(number), sequence: sequence, index: index)
}

/// All vectors over so many logs with sequences up to `last`.
func allVectors(logs: UInt64, last: UInt32) -> [VersionVector] {
  (1...logs).reduce([VersionVector()]) { vectors, number in
    vectors.flatMap { vector in
      (0...last).map { sequence in
        var next = vector
        next[log(number)] = sequence
        return next
      }
    }
  }
}

/// All orders of `elements`.
func permutations<Element>(_ elements: [Element]) -> [[Element]] {
  guard !elements.isEmpty else { return [[]] }
  return elements.indices.flatMap { index in
    var rest = elements
    let first = rest.remove(at: index)
    return permutations(rest).map { [first] + $0 }
  }
}
