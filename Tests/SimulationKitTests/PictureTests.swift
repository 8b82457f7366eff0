import Anabranch
import Foundation
import Scenarios
import SimulationKit
import Testing

/// Pictures of runs and of stories. Runs share SQLite's file system, so one after the other.
@Suite("Pictures", .serialized)
struct PictureTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// After a change of the drawing: `simulate scenario two-phones-on-a-plane --svg docs/two-phones.svg`.
  @Test("The picture of the documentation is what the story draws")
  func documentation() throws {
    let story = try #require(Scenarios.all.first { $0.name == "two-phones-on-a-plane" })
    let told = story.play(isDrawn: true)
    let picture = try #require(told.picture)
    let drawn = try String(contentsOf: Self.root.appending(path: "docs/two-phones.svg"), encoding: .utf8)
    #expect(picture.svg() == drawn)
    #expect(told.hash == story.play().hash, "a story that is drawn goes as one that is not")
  }

  @Test("For Graphviz a story has each change in its lane, and what happened between them")
  func dot() throws {
    let story = Scenario("one-is-away", "One writes while the other one is away.", devices: ["a", "b"]) { stage in
      let talk = try stage["a"].start("Talk")
      stage.disconnect("b")
      try stage["a"].say("are \"you\" there?", in: talk)
      stage["b"].kill(for: .seconds(1))
      try stage.pass(.seconds(2))
      stage.reconnect("b")
      try stage.settle()
    }
    let picture = try #require(story.play(isDrawn: true).picture)
    #expect(picture.stretches.map(\.condition) == [.apart, .off] && picture.stretches.allSatisfy { $0.end != nil })
    #expect(
      picture.dot().replacing(/tooltip="[0-9a-f]{8}/, with: "tooltip=\"LOG") == """
        digraph history {
          node [shape=box, style=rounded, fontname="sans-serif", fontsize=10];
          subgraph cluster_0 {
            label="a"; color=gray;
            r2 [label="called itself “a”", tooltip="LOG/1"];
            r3 [label="a is paired with b", shape=plaintext];
            r4 [label="began “Talk”", tooltip="LOG/2"];
            r6 [label="said “are \\"you\\" there?”", tooltip="LOG/3"];
          }
          subgraph cluster_1 {
            label="b"; color=gray;
            r0 [label="let “b” in, and 1 more", tooltip="LOG/1"];
            r1 [label="let “a” in", tooltip="LOG/2"];
            r5 [label="the network of b is gone", shape=plaintext];
            r7 [label="b is killed", shape=plaintext];
            r8 [label="the network of b is back", shape=plaintext];
          }
          r0 -> r1;
          r1 -> r4;
          r2 -> r4;
          r4 -> r6;
          r9 [label="all are equal", shape=plaintext];
          r2 -> r3 [style=dotted, arrowhead=none];
          r3 -> r4 [style=dotted, arrowhead=none];
          r6 -> r9 [style=dotted, arrowhead=none];
          r1 -> r5 [style=dotted, arrowhead=none];
          r5 -> r7 [style=dotted, arrowhead=none];
          r7 -> r8 [style=dotted, arrowhead=none];
          r8 -> r9 [style=dotted, arrowhead=none];
        }

        """)
  }

  private static let kinds = [
    "hosts=3 actions=60 minutes=20 kills=3 powerCuts=6 partitions=3 suspensions=3 fullDisks=1",
    "hosts=3 actions=60 minutes=20 setBacks=4 traitors=2 crashes=2",
  ]

  @Test("A run is drawn in the same bytes each time, and goes as one that is not drawn", arguments: kinds)
  func determinism(kind: String) throws {
    let options = try #require(Options(parsing: kind))
    let run = Case(seed: 6, options: options)
    let (plain, first, second) = (
      Simulation(run).run(), Simulation(run, isDrawn: true).run(), Simulation(run, isDrawn: true).run()
    )
    #expect(plain.picture == nil && plain.traceHash == first.traceHash && plain.events == first.events)
    let picture = try #require(first.picture)
    #expect(picture.svg() == second.picture?.svg() && picture.dot() == second.picture?.dot())
    // What only one side of a fork wrote is there, too.
    #expect(picture.points.reduce(0) { $0 + $1.count } >= first.changes && first.changes > 0)
  }

  @Test("Where a property fails, that is the last thing in the picture")
  func failure() throws {
    let story = Scenario("never", "Something does not hold.", devices: ["a", "b"]) { stage in
      try stage.expect(false, "pigs fly")
    }
    let picture = try #require(story.play(isDrawn: true).picture)
    guard case .remark(let remark)? = picture.rows.last?.content else {
      Issue.record("\(String(describing: picture.rows.last))")
      return
    }
    #expect(remark.tone == .failure && remark.words.contains("pigs fly") && remark.lanes.isEmpty)
    #expect(story.play().picture == nil)
  }

  @Test("What happens to machines stands in their lanes")
  func happenings() throws {
    let options = try #require(Options(parsing: Self.kinds[0]))
    let svg = try #require(Simulation(Case(seed: 6, options: options), isDrawn: true).run().picture).svg()
    for words in [
      "is killed", "loses its power", "does not reach", "is asleep", "is paired with", "every property held",
    ] {
      #expect(svg.contains(words), "\(words)")
    }
    #expect(svg.contains(#"<rect class="off""#) && svg.contains(#"<rect class="apart""#))
  }

  @Test("A history is drawn without its contents, and so is what does not hold of it")
  func bundles() throws {
    let options = try #require(Options(parsing: "hosts=2 actions=12 minutes=3 crashes=1"))
    let outcome = Simulation(Case(seed: 3, options: options)).run(bundling: .always)
    let bytes = try #require(outcome.bundles.first).bytes
    let replayed = try BundleReplay(of: bytes, orders: 0).replay(isDrawn: true)
    let picture = try #require(replayed.picture)
    #expect(picture.points.reduce(0) { $0 + $1.count } == replayed.changes && replayed.changes > 0)
    #expect(picture.lanes.count == 2 && picture.svg().contains(">began a conversation<"))
    #expect(try BundleReplay(of: bytes, orders: 0).replay().picture == nil)
  }
}
