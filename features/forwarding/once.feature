Feature: A frame leaves once

  Scenario: PRISM-FWD-11 of a hundred thousand frames none leaves a port twice
    Given backend 1 owns the client's connection
    Then of 100000 numbered frames none leaves a port twice

  @needs-SPLICE
  Scenario: PRISM-FWD-11 of ten thousand frames none leaves a port twice under SPLICE
    Given backend 1 owns the client's connection under a SPLICE rule
    Then of 10000 numbered frames none leaves a port twice
