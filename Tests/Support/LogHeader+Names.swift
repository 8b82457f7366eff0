public import AnabranchCore
internal import AnabranchWire

extension [LogHeader] {
  /// The headers by the names of their logs.
  public var byName: [LogID: LogHeader] {
    Dictionary(map { ($0.log, $0) }) { first, _ in first }
  }
}
