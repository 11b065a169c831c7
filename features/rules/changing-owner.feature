Feature: A change of owner is one step

  Segments stream through the switch while commands are on their way. Each must go whole to one owner.

  Scenario: PRISM-RULE-02 a stream through 1000 changes of owner
    In each turn the owner's address and port change, and all deltas where the device has them.
    Then each segment of a stream through 1000 changes of owner follows one owner, and none goes back

  Scenario: PRISM-RULE-10 a change of owner that unlocks leaves no moment for the old owner
    Then in 200 hand-overs of a locked connection, no segment goes to the owner that was left
