Feature: Connections of real TCP stacks pass, every frame as the rule says

  The frames were captured between Linux hosts; fixtures/README.md tells how. What the client sent
  goes in as it was captured. What the server sent goes in as an owner would have sent it, and has to
  come out as the captured frame. A replay judges the requirement in its name and those in its tags.

  @PRISM-REW-01 @PRISM-REW-02 @PRISM-REW-04 @PRISM-REW-05 @PRISM-REW-06 @PRISM-REW-13 @PRISM-REW-14 @PRISM-REW-15 @PRISM-FWD-11 @PRISM-SEQ-03
  Scenario Outline: PRISM-REW-03 <connection> passes a HANDOFF rule
    When the captured connection "<connection>" passes under a HANDOFF rule
    Then every frame leaves as the rule says

    Examples:
      | connection                            |
      | close/half-close                      |
      | close/lost-fin                        |
      | close/server-first                    |
      | close/simultaneous-close              |
      | ecn/ecn                               |
      | flow/keep-alive-probes                |
      | flow/large-transfer                   |
      | flow/urgent                           |
      | flow/zero-window                      |
      | http/keep-alive-three-requests        |
      | http/pipelined-one-segment            |
      | http/pipelined-split                  |
      | loss/d-sack                           |
      | loss/sack-four-blocks                 |
      | loss/sack-of-request                  |
      | loss/sack                             |
      | options/fast-open-cookie-request      |
      | options/fast-open-payload-in-syn      |
      | options/no-sack                       |
      | options/no-window-scale-no-timestamps |
      | options/timestamps-and-window-scale   |
      | reset/client-reset-after-handshake    |
      | reset/client-reset-after-request      |
      | reset/client-reset-after-response     |
      | reset/client-reset-mid-response       |
      | reset/server-reset                    |
      | wrap/sack-across-wrap                 |
      | wrap/sequence-wrap                    |

    @needs-FRAG
    Examples:
      | connection                   |
      | fragment/fragmented-response |

    @needs-ICMP @PRISM-FWD-06
    Examples:
      | connection               |
      | icmp/path-mtu-of-request |
      | icmp/path-mtu            |

    @needs-JUMBO
    Examples:
      | connection |
      | flow/jumbo |

    @needs-V6
    Examples:
      | connection      |
      | ipv6/keep-alive |

    @needs-V6 @needs-ICMP @PRISM-FWD-06
    Examples:
      | connection          |
      | icmp/packet-too-big |

    @needs-VLAN
    Examples:
      | connection      |
      | vlan/keep-alive |

  @needs-SPLICE
  @PRISM-REW-01 @PRISM-REW-02 @PRISM-REW-04 @PRISM-REW-05 @PRISM-REW-06 @PRISM-REW-13 @PRISM-REW-14 @PRISM-REW-15 @PRISM-FWD-11
  @PRISM-SEQ-01 @PRISM-SEQ-04 @PRISM-SEQ-07 @PRISM-SEQ-09 @PRISM-SEQ-10
  Scenario Outline: PRISM-REW-03 <connection> passes a SPLICE rule
    When the captured connection "<connection>" passes under a SPLICE rule
    Then every frame leaves as the rule says

    Examples:
      | connection                            |
      | close/half-close                      |
      | close/lost-fin                        |
      | close/server-first                    |
      | close/simultaneous-close              |
      | ecn/ecn                               |
      | flow/keep-alive-probes                |
      | flow/large-transfer                   |
      | flow/urgent                           |
      | flow/zero-window                      |
      | http/keep-alive-three-requests        |
      | http/pipelined-one-segment            |
      | http/pipelined-split                  |
      | loss/d-sack                           |
      | loss/sack-four-blocks                 |
      | loss/sack-of-request                  |
      | loss/sack                             |
      | options/fast-open-cookie-request      |
      | options/fast-open-payload-in-syn      |
      | options/no-sack                       |
      | options/no-window-scale-no-timestamps |
      | options/timestamps-and-window-scale   |
      | reset/client-reset-after-handshake    |
      | reset/client-reset-after-request      |
      | reset/client-reset-after-response     |
      | reset/client-reset-mid-response       |
      | reset/server-reset                    |
      | wrap/sack-across-wrap                 |
      | wrap/sequence-wrap                    |

    @needs-FRAG
    Examples:
      | connection                   |
      | fragment/fragmented-response |

    @needs-ICMP @PRISM-FWD-06
    Examples:
      | connection               |
      | icmp/path-mtu-of-request |
      | icmp/path-mtu            |

    @needs-JUMBO
    Examples:
      | connection |
      | flow/jumbo |

    @needs-V6
    Examples:
      | connection      |
      | ipv6/keep-alive |

    @needs-V6 @needs-ICMP @PRISM-FWD-06
    Examples:
      | connection          |
      | icmp/packet-too-big |

    @needs-VLAN
    Examples:
      | connection      |
      | vlan/keep-alive |
