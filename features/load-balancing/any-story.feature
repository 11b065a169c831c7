@balancer
Feature: Whoever comes, whenever pools change, a server switch keeps its promises

  Scenario: PRISM-SLB-01 any connections, ports used again, pools that change
    Then whoever comes, each connection has one server, from its SYN on

  @needs-NAT
  Scenario: PRISM-SLB-02 any segments towards servers
    Then whoever comes, NAT brings servers what clients have sent, and nothing else

  @needs-NAT
  Scenario: PRISM-SLB-03 any segments towards clients
    Then whoever comes, clients have what servers have sent, from the virtual endpoint

  Scenario: PRISM-SLB-04 any packets
    Then whoever comes, every packet has right checksums

  Scenario: PRISM-SLB-05 any clients, who have the same ports
    Then whoever comes, all have their answers, and nobody else

  Scenario: PRISM-SLB-07 any segments of no connection
    Then whoever comes, what belongs to no connection reaches no server but as declared

  @needs-DSR
  Scenario: PRISM-DSR-01 any segments with direct return
    Then whoever comes, direct return brings servers what clients have sent, and nothing else

  @needs-IPIP
  Scenario: PRISM-DSR-07 any segments in tunnels
    Then whoever comes, a tunnel brings servers what clients have sent, and nothing else
