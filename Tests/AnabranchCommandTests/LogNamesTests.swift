import Anabranch
import Testing

@testable import AnabranchCommand

/// What to call a log among others, as names come, change and go.
@Suite struct LogNamesTests {
  private static let logs = (0..<6).map { LogID(Bytes16(high: UInt64($0) << 32, low: 0)) }

  /// Counts afresh each time.
  private static func called(_ log: LogID, in names: [LogID: String]) -> String {
    let beginning = String(log.description.prefix(8))
    guard let name = names[log] else { return beginning }
    return names.values.filter { $0 == name }.count > 1 ? "\(name) (\(beginning))" : name
  }

  @Test func aLogIsCalledByAnIdentifierTooWhereAnotherHasItsName() {
    var (names, table): ([LogID: String], LogNames) = ([:], [:])
    for step in 0..<400 {
      let (log, name) = (Self.logs[step * 7 % 5], ["laptop", "phone", "tablet", nil][step % 11 % 4])
      names[log] = name
      table[log] = name
      for log in Self.logs {
        #expect(table.called(log) == Self.called(log, in: names), "after step \(step)")
        #expect(LogNames(names).called(log) == Self.called(log, in: names), "after step \(step)")
      }
    }
    #expect(table.called(2...3, of: Self.logs[5]) == "changes 2 to 3 of 00000005")
  }
}
