@balancer
Feature: A server switch keeps marks

  @needs-NAT
  Scenario Outline: PRISM-QOS-01 DSCP <dscp> and ECN <ecn> pass NAT both ways
    Given the service 10.1.0.201:80 by NAT to s1
    When client 9 sends a SYN with DSCP <dscp> and ECN <ecn>
    And the server answers with DSCP <dscp> and ECN <ecn>
    Then the SYN arrives with DSCP <dscp> and ECN <ecn>
    And the answer arrives with DSCP <dscp> and ECN <ecn>

    Examples:
      | dscp | ecn |
      | 0    | 1   |
      | 46   | 2   |
      | 63   | 3   |

  @needs-IPIP
  Scenario Outline: PRISM-QOS-01 DSCP <dscp> and ECN <ecn> are outside of a tunnel too
    Given the service 10.1.0.201:80 by tunnel to s1
    When client 9 sends a SYN with DSCP <dscp> and ECN <ecn>
    Then the SYN arrives with DSCP <dscp> and ECN <ecn>, the packet around it too

    Examples:
      | dscp | ecn |
      | 0    | 1   |
      | 46   | 2   |
      | 63   | 3   |
