internal import AnabranchWire

extension ChangeBatch {
  /// Bytes of the frame that carries it, its length field included: what it costs of the receiver's credit.
  ///
  /// The same as counting `Frame.changes(self).canonicalBytes`, without writing them. O(changes).
  var frameBytes: Int {
    var bytes = Frame.lengthBytes + 1 + Self.varintBytes(runs.count) + Self.varintBytes(signatures.count)
    for run in runs {
      bytes += run.first.bytes + Self.varintBytes(run.changes.count)
      for change in run.changes { bytes += Self.varintBytes(change.count) + change.count }
    }
    for signature in signatures { bytes += signature.at.bytes + signature.signature.count }
    return bytes
  }

  /// Bytes of `value`, which is not negative, at seven bits a byte.
  fileprivate static func varintBytes(_ value: Int) -> Int {
    max(1, (Int.bitWidth - value.leadingZeroBitCount + 6) / 7)
  }
}

extension LogPosition {
  fileprivate var bytes: Int {
    ChangeBatch.varintBytes(Int(log)) + ChangeBatch.varintBytes(Int(sequence))
  }
}
