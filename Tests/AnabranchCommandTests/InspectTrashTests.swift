import Testing

/// `inspect why ID trash`.
@Suite(.timeLimit(.minutes(3))) struct InspectTrashTests {
  @Test func tellsWhatKeepsAConversationOutOfTheTrash() async throws {
    let (place, id) = try await Workplace.merged()
    let before = try await place.json("new", "Kept")["conversation"].text
    #expect(try await place.golden("inspect", "why", before, "trash") == "Nobody ever deleted aaaaaaaa.\n")
    let alive = try await place.golden("inspect", "why", id, "trash")
    #expect(
      alive == """
        aaaaaaaa does not lie in the trash.

        ✓  bbbbbbbb  <minute>  phone         changed a value of it
            It keeps it out of the trash: whoever deleted it had not seen this.
            It builds on change 3 of laptop, change 3 of phone.

        ·  cccccccc  <minute>  laptop        deleted it
            It hides only what its writer had seen, and that was not bbbbbbbb on phone.
            It builds on change 6 of laptop, change 1 of phone.

        ·  dddddddd  <minute>  laptop        took something away from it
            Whoever deleted it by cccccccc on laptop had seen it.
            It builds on change 5 of laptop.

        """)
    // Now somebody deletes it who has seen all.
    try await place.json("delete", id)
    let deleted = try await place.golden("inspect", "why", id, "trash")
    #expect(
      deleted == """
        aaaaaaaa lies in the trash.

        ✓  bbbbbbbb  <minute>  laptop        deleted it
            It hides it: its writer had seen all that was done to it.
            It builds on change 8 of laptop, change 4 of phone.

        ·  cccccccc  <minute>  phone         changed a value of it
            Whoever deleted it by bbbbbbbb on laptop had seen it.
            It builds on change 3 of laptop, change 3 of phone.

        ·  dddddddd  <minute>  laptop        deleted it
            It hides only what its writer had seen, and that was not cccccccc on phone.
            It builds on change 6 of laptop, change 1 of phone.

        ·  eeeeeeee  <minute>  laptop        took something away from it
            Whoever deleted it by bbbbbbbb on laptop had seen it.
            It builds on change 5 of laptop.

        """)
    let told = try await place.json("inspect", "why", id, "trash")["contenders"].array
    #expect(told.map { $0["fate"].text } == ["stands", "replaced", "overtaken", "replaced"])
    try await place.json("restore", id)
    let restored = try await place.json("inspect", "why", id, "trash")["contenders"].array
    #expect(try await place.golden("inspect", "why", id, "trash").contains("restored it"))
    #expect(restored[0]["fate"].text == "stands" && restored[0]["kind"].count == 8)
  }
}
