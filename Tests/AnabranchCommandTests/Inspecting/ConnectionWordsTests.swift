import Testing

@testable import Anabranch
@testable import AnabranchCommand

/// Why a device is not connected, as it reads below its line at 80 columns.
@Suite struct ConnectionWordsTests {
  private static let address = "192.0.2.7:4850"

  private func ending(_ cause: ConnectionEnding.Cause, _ reason: String, dialled: Bool = true) -> EndingReport {
    EndingReport(
      ConnectionEnding(
        cause: cause, reason: reason, address: dialled ? Self.address : "192.0.2.7:50123", isDialled: dialled,
        time: 1_795_858_200_000))
  }

  private func told(
    _ state: ConnectionReport.State, lastAt last: String? = nil, _ change: (inout ConnectionReport) -> Void = { _ in }
  ) -> String {
    var report = ConnectionReport(state)
    if [.connected, .dialling, .waiting].contains(state) { report.address = Self.address }
    change(&report)
    return ConnectionWords(report, lastAt: last).lines(76).joined(separator: "\n")
  }

  @Test func connectionsThatStand() {
    let since = "2026-11-28T09:30:00.000Z"
    #expect(
      told(.connected) { ($0.since, $0.dialled) = (since, true) }
        == "Connected since 2026-11-28 09:30, at 192.0.2.7:4850.")
    #expect(
      told(.connected) { ($0.since, $0.dialled) = (since, false) }
        == "Connected since 2026-11-28 09:30: it called, from 192.0.2.7:4850.")
  }

  @Test func whatIsTriedAgain() {
    let refused = ending(.refused, "could not connect to 192.0.2.7:4850: nobody listens there")
    #expect(
      told(.waiting) { ($0.retryMs, $0.last) = (12_300, refused) } == """
        Not connected: it is dialled at 192.0.2.7:4850 in 12 seconds. Last tried
        2026-11-28 09:30: could not connect to 192.0.2.7:4850: nobody listens there.
        """)
    #expect(told(.waiting) { $0.retryMs = 0 } == "Not connected: it is dialled at 192.0.2.7:4850 in 0 ms.")
    #expect(told(.dialling) == "Not connected: it is being dialled at 192.0.2.7:4850.")
    let away = ending(.turnedAway, "the device at 192.0.2.7:4850 closed the connection before it greeted this one")
    #expect(
      told(.dialling) { $0.last = away } == """
        Not connected: it is being dialled at 192.0.2.7:4850. Last tried 2026-11-28
        09:30: the device at 192.0.2.7:4850 closed the connection before it greeted
        this one; it may not know this one, or not any more.
        """)
    let ended = ending(.ended, "the program ends")
    #expect(
      told(.waiting) { ($0.retryMs, $0.last) = (60_000, ended) } == """
        Not connected: it is dialled at 192.0.2.7:4850 in 1 minute. The last
        connection ended 2026-11-28 09:30: the program ends.
        """)
  }

  @Test func whoIsNotDialled() {
    #expect(told(.notDialled) == "Not connected: `serve` was not told where it is; it has to call.")
    #expect(
      told(.notDialled, lastAt: Self.address) { $0.discovery = true } == """
        Not connected: `serve` was not told where it is, and it is not found on this
        network; `--peer 192.0.2.7:4850` dials where it was last.
        """)
    let broken = ending(.broken, "the connection broke", dialled: false)
    #expect(
      told(.notDialled) { $0.last = broken } == """
        Not connected: `serve` was not told where it is; it has to call. It called
        last from 192.0.2.7:50123; that ended 2026-11-28 09:30: the connection
        broke.
        """)
    for state: ConnectionReport.State in [.removed, .cutOff, .notServed, .unknown] { #expect(told(state) == "") }
  }

  /// What another device says does not move the cursor.
  @Test func whatOthersSayIsPrintable() {
    let failed = ending(.failed, "the other side says: \u{1B}[2J")
    #expect(!told(.dialling) { $0.last = failed }.contains("\u{1B}"))
  }

  @Test func whatIsSaidOfAllTogether() {
    func ofAll(_ source: ConnectionSource, _ connections: ConnectionReport...) -> [String] {
      ConnectionWords.ofAll(connections, source, 80)
    }
    #expect(
      ofAll(.nobody, ConnectionReport(.notServed)) == [
        "Nobody serves this replica now, so it is connected with none: `anabranch serve`."
      ])
    #expect(ofAll(.file) == ["A file is read: with whom its device is connected is not known."])
    #expect(
      ofAll(.silent("a command, process 7, writes here")) == [
        "With whom it is connected now is not known: a command, process 7, writes here."
      ])
    let daemon = ConnectionSource.daemon(ConnectionsReport(ConnectionStatus()))
    #expect(ofAll(daemon, ConnectionReport(.connected)) == [])
    #expect(
      ofAll(daemon, ConnectionReport(.cutOff)) == [
        "This device was removed from the history, so the others turn it away."
      ])
    var report = ConnectionReport(.notDialled)
    report.unmet = [
      UnmetReport(
        address: "desk:4850", retryMs: 3_000,
        last: ending(.unresolvable, "the name desk is not known here, so there is no address to connect to")),
      UnmetReport(address: "192.0.2.9:4850", retryMs: nil, last: nil),
    ]
    #expect(
      ofAll(daemon, ConnectionReport(.connected), report, report) == [
        "Dialled, though nobody was met there yet:",
        "  desk:4850, again in 3 seconds. Last tried 2026-11-28 09:30: the name desk is",
        "  not known here, so there is no address to connect to.", "  192.0.2.9:4850, being dialled.",
      ])
  }
}
